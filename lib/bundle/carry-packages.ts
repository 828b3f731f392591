import { constants, existsSync } from "node:fs";
import { copyFile, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { UserError } from "../core/errors";
import { withTemporaryFolder } from "../core/files/temporary-folder";
import { childEnvironment } from "../core/system/environment";
import { packageRoot } from "../core/system/package-root";
import type { Platform } from "../core/system/platform";
import { run } from "../core/system/process";
import { trustedProgram } from "../host/trusted-files";
import type { CarriedManifest } from "./imported-bundle";
import { copySources, linkPackages } from "./sources";

/** The folder of npm's cache in an imported bundle, for `npm ci --offline --cache`. */
export const packagesFolder = "npm";

/**
 * Writes an npm cache into an imported bundle, from which npm installs this clone's packages and the program's own package
 * without a registry. Installs both once with a new cache, which then holds exactly their packages.
 * @throws UserError with npm's last lines if it fails
 */
export function writePackages(target: string, platform: Platform): Promise<CarriedManifest["npm"]> {
  return withTemporaryFolder("bundle", async (folder) => {
    const cache = join(folder, "cache");
    // Some packages contain a program for each platform.
    const machine = [`--os=${platform.os}`, `--cpu=${platform.arch === "amd64" ? "x64" : platform.arch}`];
    const install = ["--cache", cache, "--omit=dev", ...machine];
    if (isClone(packageRoot())) {
      await npm(["ci", ...install], await copyManifests(join(folder, "clone")));
    }
    const program = await packProgram(folder);
    const app = join(folder, "app");
    await mkdir(app);
    await writeFile(join(app, "package.json"), '{ "private": true }\n');
    await npm(["install", ...install, program], app);
    // Only the cache, without npm's logs beside it.
    await cp(join(cache, "_cacache"), join(target, packagesFolder, "_cacache"), { recursive: true });
    const copy = join(target, basename(program));
    await rm(copy, { force: true });
    await copyFile(program, copy, constants.COPYFILE_EXCL);
    return {
      registry: withoutLogin(await npm(["config", "get", "registry"], folder)),
      program: basename(program),
    };
  });
}

function withoutLogin(address: string): string {
  const url = new URL(address);
  url.username = "";
  url.password = "";
  return url.href;
}

/** Whether the package root is a clone: an installed package has no lock file. */
function isClone(root: string): boolean {
  return existsSync(join(root, "package-lock.json"));
}

async function copyManifests(folder: string): Promise<string> {
  await mkdir(folder);
  for (const name of ["package.json", "package-lock.json"]) {
    await copyFile(join(packageRoot(), name), join(folder, name));
  }
  return folder;
}

/** @returns the path of the tarball */
async function packProgram(folder: string): Promise<string> {
  const root = packageRoot();
  let sources = root;
  if (isClone(root)) {
    sources = copySources(root, join(folder, "sources"));
    if (existsSync(join(root, "node_modules/typescript"))) linkPackages(root, sources);
    else await npm(["ci"], sources);
  }
  const said = await npm(["pack", "--silent", "--pack-destination", folder], sources);
  return join(folder, said.trim().split("\n").at(-1) ?? "");
}

/** @returns npm's output */
async function npm(args: readonly string[], cwd: string): Promise<string> {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  // `npm pack` needs this project's own scripts.
  const flags = args[0] === "pack" ? quiet.slice(1) : quiet;
  const result = await run(trustedProgram("npm") ?? "npm", [...args, ...flags], {
    cwd,
    env: childEnvironment({}, process.env, { secrets: true }),
  });
  if (result.exitCode === 0) return result.stdout.trim();
  throw new UserError({
    problem: `The npm packages of the bundle could not be downloaded: \`npm ${args[0]}\` failed.`,
    got: result.failure ?? result.stderr.trim().split("\n").slice(-6).join("\n"),
    fix: "Fix the error that npm reports; this host must reach an npm registry.",
  });
}
