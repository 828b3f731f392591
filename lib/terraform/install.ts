import { type Bundle, partFile } from "../bundle/bundle";
import { bundleParts } from "../bundle/bundle-parts";
import { UserError } from "../core/errors";
import { childEnvironment } from "../core/system/environment";
import { findProgram } from "../core/system/find-program";
import { run } from "../core/system/process";
import { compareVersions } from "../core/version";
import type { ProgramVersion } from "./fast/shortcuts";
import { type Identity, isShim, rememberedIdentity } from "./fast/version-cache";

/** The oldest Terraform or OpenTofu with write-only attributes and ephemeral variables. */
export const oldestTerraform = "1.11.0";

/** The program that plans and applies, and where it comes from. */
export interface TerraformProgram extends ProgramVersion {
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
    let why = "";
    const inFolder = async (cwd: string) => {
      const answer = await ask(path, env, cwd);
      if (typeof answer === "object") return answer;
      why = answer;
      return undefined;
    };
    const identity = await rememberedIdentity(path, env, keepAnswer, () => inFolder(process.cwd()));
    if (!identity) rejected.push(`${path} does not run here${why}`);
    else if (compareVersions(identity.version, oldestTerraform) < 0)
      rejected.push(`${path} is ${identity.version}`);
    else {
      const dependsOnFolder = isShim(path) && (await inFolder("/"))?.version !== identity.version;
      return { program: { ...identity, path, origin: "path", dependsOnFolder }, rejected };
    }
  }
  if (!named) return { rejected };
  throw new UserError({
    problem: "The program that TERRAFORM_BINARY_NAME names cannot be used.",
    got: rejected[0] ?? `${named} is not on PATH`,
    expected: `Terraform or OpenTofu ${oldestTerraform} or newer`,
    fix: "Install it, or `unset TERRAFORM_BINARY_NAME` to use Terraform on PATH or the bundle's OpenTofu.",
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

/** Asks a program what it is. @returns why it does not run, as the end of a sentence */
async function ask(path: string, env: NodeJS.ProcessEnv, cwd: string): Promise<Identity | string> {
  // The JSON output does not distinguish Terraform from OpenTofu.
  const answer = await run(path, ["version"], {
    cwd,
    env: childEnvironment({ CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "" }, env),
    timeout: 20_000,
  });
  const match = /^(Terraform|OpenTofu) v(\S+)/m.exec(answer.stdout);
  if (answer.exitCode === 0 && match)
    return { kind: match[1] === "OpenTofu" ? "tofu" : "terraform", version: match[2] ?? "" };
  const said = answer.stderr.trim().split("\n").at(-1) ?? "";
  return said === "" ? "" : ` (${said.slice(0, 200)})`;
}

/**
 * How Terraform is started for a stack's folder. A version manager's program is started in the caller's folder, by which it
 * chooses the version; Terraform itself then changes into the stack's.
 */
export function startIn(
  { dependsOnFolder = false, kind, version }: Omit<ProgramVersion, "path">,
  folder: string,
): { readonly cwd: string; readonly first: readonly string[]; readonly chosen: Record<string, string> } {
  if (!dependsOnFolder) return { cwd: folder, first: [], chosen: {} };
  // tenv and tfenv choose by the folder of -chdir, unless these name a version.
  const variable = kind === "tofu" ? "TOFUENV_TOFU_VERSION" : "TFENV_TERRAFORM_VERSION";
  return { cwd: process.cwd(), first: [`-chdir=${folder}`], chosen: { [variable]: version } };
}
