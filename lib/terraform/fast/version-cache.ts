import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { attempt } from "../../core/attempt";
import { writeJson } from "../../core/files/files";
import { cacheRoot } from "../../core/system/cache-root";
import { isPlain, type ProgramVersion } from "./shortcuts";

const identitySchema = z.object({ kind: z.enum(["terraform", "tofu"]), version: z.string() });
const cacheSchema = z.record(z.string(), identitySchema.extend({ stamp: z.string() }));

/** The kind and version of a program. */
export type Identity = Pick<ProgramVersion, "kind" | "version">;

/**
 * The minimum size of a binary, in bytes. Smaller files are scripts that choose a version each time (tfenv, asdf), so their
 * version is not cached.
 */
const smallestBinary = 2 ** 20;

/** Whether a program is a version manager's: a script, a link to a program of another name (mise), or tenv's. */
export function isShim(path: string): boolean {
  const target = realpathSync(path);
  return (
    statSync(path).size < smallestBinary ||
    !/^(terraform|tofu|opentofu)/.test(basename(target)) ||
    // tenv's are large binaries of Terraform's name, which are installed beside its own.
    [path, target].some((program) => existsSync(join(dirname(program), "tenv")))
  );
}

/**
 * The kind and version of a program. The program takes 0.1 s to answer, so the answer is cached until the file changes.
 * @param keepAnswer whether to write to the cache
 * @param ask asks the program itself
 */
export async function rememberedIdentity(
  path: string,
  env: NodeJS.ProcessEnv,
  keepAnswer: boolean,
  ask: () => Promise<Identity | undefined>,
): Promise<Identity | undefined> {
  if (isPlain(env)) return ask();
  const file = join(cacheRoot(env), "terraform-versions.json");
  const cache = attempt(() => cacheSchema.parse(JSON.parse(readFileSync(file, "utf8")))) ?? {};
  const { size, mtimeMs } = statSync(path);
  const stamp = `${size} ${mtimeMs}`;
  const known = isShim(path) ? undefined : cache[path];
  if (known?.stamp === stamp) return { kind: known.kind, version: known.version };

  const identity = await ask();
  if (identity && keepAnswer && !isShim(path)) {
    // Without the cache the next run asks again, which is only slower.
    attempt(() => writeJson(file, { ...cache, [path]: { ...identity, stamp } }));
  }
  return identity;
}
