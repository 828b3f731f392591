import { UserError } from "../core/errors";
import { childEnvironment } from "../core/system/environment";
import { run } from "../core/system/process";
import { compareVersions } from "../core/version";
import { trustedProgram } from "../host/trusted-files";
import { goVersion } from "./bundle-parts";

interface Go {
  readonly version: string;
  /** Whether this Go downloads a newer one if a module requires it. */
  readonly fetchesNewer: boolean;
}

/** The Go on PATH; undefined if there is none. @throws UserError if this is root, and another user could exchange it */
export async function findGo(env: NodeJS.ProcessEnv = process.env): Promise<Go | undefined> {
  if (trustedProgram("go", env.PATH) === undefined) return undefined;
  // In the root folder, so that no go.mod or go.work selects another Go.
  const answer = await run("go", ["env", "GOVERSION", "GOTOOLCHAIN"], {
    env: childEnvironment({ GOFLAGS: "", GOWORK: "off" }, env),
    cwd: "/",
    timeout: 30_000,
  });
  if (answer.exitCode !== 0) return undefined;
  const [version = "", toolchain = ""] = answer.stdout.split("\n").map((line) => line.trim());
  return {
    version: version.replace(/^go/, ""),
    // Go before 1.21 does not have GOTOOLCHAIN and prints an empty line.
    fetchesNewer: toolchain === "auto" || toolchain.endsWith("+auto"),
  };
}

/** Whether a Go can build the bundle, itself or by a newer one that it downloads. */
export function buildsBundle(go: Go): boolean {
  return compareVersions(go.version, goVersion) >= 0 || go.fetchesNewer;
}

export const goFix =
  `Install Go ${goVersion} or newer (https://go.dev/doc/install) and put its bin folder on PATH,\n` +
  "or make the bundle on another machine with `openclaw-openrouter bundle --out DIR`,\n" +
  "copy that folder here and pass it: --bundle DIR";

/**
 * The Go that builds the bundle.
 * @param purpose What needs Go, for the message.
 * @param why The missing programs that make Go necessary.
 * @throws UserError if PATH has no Go, or one that is too old.
 */
export async function requireGo(
  purpose: string,
  env: NodeJS.ProcessEnv = process.env,
  why: readonly string[] = [],
): Promise<Go> {
  const go = await findGo(env);
  if (go && buildsBundle(go)) return go;
  throw new UserError({
    problem: `${purpose}, and building them needs Go.`,
    got: [
      go ? `Go ${go.version}, which GOTOOLCHAIN keeps from downloading a newer one` : "no Go on PATH",
      ...why,
    ].join("\n            "),
    expected: `Go ${goVersion} or newer`,
    fix: goFix,
  });
}
