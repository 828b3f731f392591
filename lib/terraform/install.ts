import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Bundle, partFile } from "../bundle/bundle";
import { bundleParts } from "../bundle/bundle-parts";
import { cacheRoot } from "../core/cache-root";
import { childEnvironment } from "../core/environment";
import { UserError } from "../core/errors";
import { writeJson } from "../core/files/files";
import { findProgram } from "../core/find-program";
import { run } from "../core/process";
import { compareVersions } from "../core/version";

/** The oldest Terraform or OpenTofu with write-only attributes and ephemeral variables. */
export const oldestTerraform = "1.11.0";

/** The program that plans and applies. */
export interface TerraformProgram {
  readonly kind: "terraform" | "tofu";
  readonly path: string;
  readonly version: string;
  readonly origin: "path" | "bundle";
}

export interface TerraformSearch {
  readonly program?: TerraformProgram;
  /** The programs on PATH that cannot be used, and why. */
  readonly rejected: readonly string[];
}

/**
 * Finds `terraform`, then `tofu` on PATH; if `TERRAFORM_BINARY_NAME` is set (CDKTF's variable), only that program.
 * @param keepAnswer whether to write the version to the cache
 * @throws UserError if the named program is missing or too old
 */
export async function findTerraform(
  env: NodeJS.ProcessEnv = process.env,
  keepAnswer = true,
): Promise<TerraformSearch> {
  const named = env.TERRAFORM_BINARY_NAME;
  const rejected: string[] = [];
  for (const name of named ? [named] : ["terraform", "tofu"]) {
    const path = findProgram(name, env.PATH);
    if (!path) continue;
    const identity = await identify(path, env, keepAnswer);
    if (!identity) rejected.push(`${path} does not run`);
    else if (compareVersions(identity.version, oldestTerraform) < 0)
      rejected.push(`${path} is ${identity.version}`);
    else return { program: { ...identity, path, origin: "path" }, rejected };
  }
  if (!named) return { rejected };
  throw new UserError({
    problem: "The program that TERRAFORM_BINARY_NAME names cannot be used.",
    got: rejected[0] ?? `${named} is not on PATH`,
    expected: `Terraform or OpenTofu ${oldestTerraform} or newer`,
    fix: "install it, or `unset TERRAFORM_BINARY_NAME` to use Terraform on PATH or the bundle's OpenTofu",
  });
}

/** The bundle's OpenTofu, whether it is built or not. */
export function bundleTerraform(bundle: Bundle): TerraformProgram {
  return {
    kind: "tofu",
    path: partFile(bundle, "opentofu"),
    version: bundleParts.opentofu.version,
    origin: "bundle",
  };
}

const identitySchema = z.object({ kind: z.enum(["terraform", "tofu"]), version: z.string() });
const cacheSchema = z.record(z.string(), identitySchema.extend({ stamp: z.string() }));
type Cache = z.output<typeof cacheSchema>;
type Identity = z.output<typeof identitySchema>;

/**
 * The minimum size of a binary, in bytes. Smaller files are scripts that choose a version each time (tfenv, asdf), so their
 * version is not cached.
 */
const smallestBinary = 2 ** 20;

/** The kind and version of a program. The answer takes 0.1 s, so it is cached until the file changes. */
async function identify(
  path: string,
  env: NodeJS.ProcessEnv,
  keepAnswer: boolean,
): Promise<Identity | undefined> {
  const file = join(cacheRoot(env), "terraform-versions.json");
  const cache = readCache(file);
  const { size, mtimeMs } = statSync(path);
  const stamp = `${size} ${mtimeMs}`;
  const known = cache[path];
  if (known?.stamp === stamp) return { kind: known.kind, version: known.version };

  const identity = await ask(path, env);
  if (identity && keepAnswer && size >= smallestBinary) {
    writeCache(file, { ...cache, [path]: { ...identity, stamp } });
  }
  return identity;
}

async function ask(path: string, env: NodeJS.ProcessEnv): Promise<Identity | undefined> {
  // The JSON output does not distinguish Terraform from OpenTofu.
  const answer = await run(path, ["version"], {
    env: childEnvironment({ CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "" }, env),
    timeout: 20_000,
  });
  const match = /^(Terraform|OpenTofu) v(\S+)/m.exec(answer.stdout);
  if (answer.exitCode !== 0 || !match) return undefined;
  return { kind: match[1] === "OpenTofu" ? "tofu" : "terraform", version: match[2] ?? "" };
}

function readCache(file: string): Cache {
  try {
    return cacheSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}

function writeCache(file: string, cache: Cache): void {
  try {
    writeJson(file, cache);
  } catch {
    // Without the cache the next run asks again, which is only slower.
  }
}
