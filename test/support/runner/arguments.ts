/** What `npm test -- …` is asked for. */
export interface RunArguments {
  /** With the whole tables. */
  readonly full: boolean;
  /** Without the end-to-end tests. */
  readonly unitOnly: boolean;
  /** Only the test files whose imports reach a change since the merge base with main. */
  readonly changed: boolean;
  /** Writes how long each end-to-end file took, by which later runs begin the longest first. */
  readonly recordTimes: boolean;
  /** Regular expressions over the paths of test files. @default every file */
  readonly patterns: readonly string[];
}

const flags = ["--full", "--unit", "--changed", "--record-times"];

/** @throws Error for an unknown flag */
export function parseArguments(argv: readonly string[]): RunArguments {
  const unknown = argv.find((argument) => argument.startsWith("-") && !flags.includes(argument));
  if (unknown) throw new Error(`${unknown} is no option of the tests; there are ${flags.join(", ")}`);
  return {
    full: argv.includes("--full"),
    unitOnly: argv.includes("--unit"),
    changed: argv.includes("--changed"),
    recordTimes: argv.includes("--record-times"),
    patterns: argv.filter((argument) => !argument.startsWith("-")),
  };
}
