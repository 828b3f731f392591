import { ExitCode } from "./exit-codes";

/** What a {@link UserError} tells the person who reads it. None of it may hold a secret. */
export interface UserErrorProps {
  /** What cannot be done, and why: one sentence. */
  readonly problem: string;
  /** What was found. */
  readonly got?: string;
  /** What was wanted instead. */
  readonly expected?: string;
  /** How to fix it: a command where one exists. */
  readonly fix?: string;
  /** @default ExitCode.Failed */
  readonly exitCode?: ExitCode;
}

/** An error that a person can fix. It is printed without a stack; every other error is a defect of ours. */
export class UserError extends Error {
  readonly exitCode: ExitCode;

  constructor(
    readonly props: UserErrorProps,
    options?: ErrorOptions,
  ) {
    const lines = [props.problem];
    if (props.got) lines.push(`  got:      ${props.got}`);
    if (props.expected) lines.push(`  expected: ${props.expected}`);
    if (props.fix) lines.push(`  fix:      ${props.fix.split("\n").join("\n            ")}`);
    super(lines.join("\n"), options);
    this.name = "UserError";
    this.exitCode = props.exitCode ?? ExitCode.Failed;
  }
}

/** What another system answered and refused. It is neither a person's to fix nor a defect of ours: it is told without a stack. */
export class SystemError extends Error {}

/** What went wrong, without how to fix it: for where an error is one thing among others that are told. */
export function reasonOf(error: unknown): string {
  if (error instanceof UserError) {
    const { problem, got } = error.props;
    return got ? `${problem} Got: ${got}` : problem;
  }
  return error instanceof Error ? error.message : String(error);
}
