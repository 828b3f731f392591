import { childEnvironment } from "../core/environment";
import { UserError } from "../core/errors";
import { run } from "../core/process";
import { compareVersions } from "../core/version";
import { goVersion } from "./bundle-parts";

export interface Go {
  readonly version: string;
  /** Whether this Go fetches a newer one by itself where a module asks for it. */
  readonly fetchesNewer: boolean;
}

/** The Go on PATH; undefined where there is none. */
export async function findGo(env: NodeJS.ProcessEnv = process.env): Promise<Go | undefined> {
  // From the root folder, so that no go.mod or go.work above decides which Go answers.
  const answer = await run("go", ["env", "GOVERSION", "GOTOOLCHAIN"], {
    env: childEnvironment({ GOFLAGS: "", GOWORK: "off" }, env),
    cwd: "/",
    timeout: 30_000,
  });
  if (answer.exitCode !== 0) return undefined;
  const [version = "", toolchain = ""] = answer.stdout.split("\n").map((line) => line.trim());
  return {
    version: version.replace(/^go/, ""),
    // Go before 1.21 knows no GOTOOLCHAIN and prints an empty line.
    fetchesNewer: toolchain === "auto" || toolchain.endsWith("+auto"),
  };
}

/** Whether a Go builds the bundle, by itself or by a newer one that it fetches. */
export function buildsBundle(go: Go): boolean {
  return compareVersions(go.version, goVersion) >= 0 || go.fetchesNewer;
}

export const goRemedy =
  `install Go ${goVersion} or newer (https://go.dev/doc/install) and put its bin folder on PATH,\n` +
  "or make the bundle on another machine with `openclaw-openrouter bundle --out DIR`,\n" +
  "copy that folder here and name it: --bundle DIR";

/**
 * The Go that builds the bundle.
 * @param purpose What needs it, for the message.
 * @param why What else is not to be had, so that it is needed.
 * @throws UserError where none is on PATH, or one that is too old.
 */
export async function requireGo(
  purpose: string,
  env: NodeJS.ProcessEnv = process.env,
  why: readonly string[] = [],
): Promise<Go> {
  const go = await findGo(env);
  if (go && buildsBundle(go)) return go;
  throw new UserError({
    problem: `${purpose}, which takes Go to build.`,
    got: [
      go ? `Go ${go.version}, which may not fetch a newer one (GOTOOLCHAIN)` : "no Go on PATH",
      ...why,
    ].join("\n            "),
    expected: `Go ${goVersion} or newer`,
    fix: goRemedy,
  });
}
