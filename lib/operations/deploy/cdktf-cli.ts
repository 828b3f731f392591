import { existsSync } from "node:fs";
import { rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../core/errors";
import { makeOnce } from "../../core/files/make-once";
import type { Progress } from "../../core/progress";
import { cacheRoot } from "../../core/system/cache-root";
import { childEnvironment } from "../../core/system/environment";
import { packageRoot } from "../../core/system/package-root";
import { run } from "../../core/system/process";
import { trustedProgram } from "../../host/trusted-files";

const version = "0.21.0";
const script = "cdktf-cli/bundle/bin/cdktf";
/** On Node 24, every command of cdktf-cli fails when it starts: its terminal library has no build for Node 24. */
const newestNode = 22;

/**
 * The CDKTF CLI: the project's own if its development packages are installed, else a copy in the cache. npm downloads the copy
 * (450 MB), with Node 22 for hosts whose Node is too new.
 * @returns how to run it: a Node that it starts on, and its script
 * @throws UserError if npm cannot install it
 */
export async function installCdktfCli(progress: Progress) {
  const own = join(packageRoot(), "node_modules", script);
  const isNodeFit = Number(process.versions.node.split(".")[0]) <= newestNode;
  if (existsSync(own) && isNodeFit) return { node: process.execPath, script: own };

  const folder = join(cacheRoot(), `cdktf-cli-${version}`);
  await makeOnce(folder, (draft) => install(draft, progress));
  return {
    node: isNodeFit ? process.execPath : join(folder, "node_modules", nodePackage(), "bin", "node"),
    script: join(folder, "node_modules", script),
  };
}

function nodePackage(): string {
  return `node-linux-${process.arch}`;
}

async function install(folder: string, progress: Progress): Promise<void> {
  const npm = trustedProgram("npm") ?? "npm";
  progress(`installing cdktf-cli ${version} from npm (450 MB, once)`);
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  const npmrc = join(packageRoot(), ".npmrc");
  // It can hold a token. npm reads it through a link, so no copy stays in the cache.
  const link = join(folder, ".npmrc");
  if (existsSync(npmrc)) await symlink(npmrc, link);
  const packages = [`cdktf-cli@${version}`, `${nodePackage()}@${newestNode}`];
  const result = await run(
    npm,
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...packages],
    { cwd: folder, env: childEnvironment({}, process.env, { secrets: true }) },
  );
  await rm(link, { force: true });
  if (result.exitCode === 0) return;
  throw new UserError({
    problem: "cdktf-cli could not be installed.",
    got: result.failure ?? result.stderr.trim().split("\n").slice(-6).join("\n"),
    fix: "Fix what npm reports, or deploy without the CDKTF CLI: openclaw-openrouter up",
  });
}
