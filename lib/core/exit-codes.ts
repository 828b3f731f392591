/** The exit codes of every command. If several apply, the first of 64, 4, 2, 1, 3. */
export enum ExitCode {
  Ok = 0,
  /** Failed, or could not be determined. */
  Failed = 1,
  /** The host differs from what was deployed. */
  Drift = 2,
  /** The declaration has changed and is not applied yet. */
  NotApplied = 3,
  NotDeployed = 4,
  WrongUsage = 64,
  /** Ctrl-C, as shells count it: 128 + SIGINT. */
  Interrupted = 130,
}
