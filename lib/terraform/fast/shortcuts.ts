/** The program that plans and applies, and its version. */
export interface ProgramVersion {
  readonly kind: "terraform" | "tofu";
  readonly path: string;
  readonly version: string;
  /** Whether it is a version manager's, which chooses the version by the folder in which it is started. */
  readonly dependsOnFolder?: boolean;
}

/** The versions with which this folder's shortcuts were tried: they depend on how these work inside. */
const tried: Readonly<Record<ProgramVersion["kind"], string>> = { terraform: "1.11", tofu: "1.12" };

/** The programs with which a shortcut failed in this process. */
const failed = new Set<string>();

/** The variable that turns all shortcuts off. */
const plainVariable = "OPENCLAW_OPENROUTER_PLAIN";

/** Whether the user wants no shortcut. */
export function isPlain(env: NodeJS.ProcessEnv = process.env): boolean {
  return !["", "0", "false"].includes(env[plainVariable] ?? "");
}

/** Whether shortcuts may be used with a program. Else everything is done the plain way, which is slower. */
export function mayShorten(program: ProgramVersion, env: NodeJS.ProcessEnv = process.env): boolean {
  return !isPlain(env) && program.version.startsWith(`${tried[program.kind]}.`) && !failed.has(program.path);
}

/** Uses no shortcut with a program from now on, since one failed. */
export function giveUp({ path }: ProgramVersion): void {
  failed.add(path);
}

/**
 * Go's settings for Terraform and its providers. They run for 1-2 s and wait for each other: collecting 20 MB of garbage and
 * distributing the little work over processors took a quarter of their processor time.
 */
export function goSettings(
  program: ProgramVersion,
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string | undefined> {
  const { GOGC, GOMEMLIMIT, GOMAXPROCS } = env;
  if (!mayShorten(program, env)) return { GOGC, GOMEMLIMIT, GOMAXPROCS };
  return { GOGC: GOGC ?? "off", GOMEMLIMIT: GOMEMLIMIT ?? "128MiB", GOMAXPROCS: GOMAXPROCS ?? "1" };
}
