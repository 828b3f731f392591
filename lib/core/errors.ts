import { ExitCode } from "./exit-codes";

/** The parts of the message of a {@link UserError}. None of them may hold a secret. */
export interface UserErrorProps {
  /** The problem and its reason: one sentence. */
  readonly problem: string;
  /** The actual value. */
  readonly got?: string;
  /** The expected value. */
  readonly expected?: string;
  /** The fix: a command if one exists. */
  readonly fix?: string;
  /** @default ExitCode.Failed */
  readonly exitCode?: ExitCode;
}

/** An error that a person can fix. It is printed without a stack; every other error is a bug in this program. */
export class UserError extends Error {
  readonly exitCode: ExitCode;

  constructor(
    readonly props: UserErrorProps,
    options?: ErrorOptions,
  ) {
    // Its further lines are under the first one: a foreign text in it has no line that looks like the next part.
    const part = (label: string, text: string | undefined) =>
      text ? [`  ${label.padEnd(9)} ${text.split("\n").join("\n            ")}`] : [];
    const { problem, got, expected, fix } = props;
    const parts = [problem, ...part("got:", got), ...part("expected:", expected), ...part("fix:", fix)];
    super(parts.join("\n"), options);
    this.name = "UserError";
    this.exitCode = props.exitCode ?? ExitCode.Failed;
  }
}

/**
 * Handles the errors of one class, and throws others again: `call.catch(ifError(UserError, () => false))`.
 * @param instead what the call gives then
 * @param isMeant which of them. @default all
 */
export function ifError<E extends Error, T>(
  kind: abstract new (...given: never[]) => E,
  instead: (error: E) => T,
  isMeant: (error: E) => boolean = () => true,
): (error: unknown) => T {
  return (error) => {
    if (error instanceof kind && isMeant(error)) return instead(error);
    throw error;
  };
}

/** The error for a command that is used wrongly: an option, a file or an answer that it needs. */
export function wrongUsage(props: Omit<UserErrorProps, "exitCode">, options?: ErrorOptions): UserError {
  return new UserError({ ...props, exitCode: ExitCode.WrongUsage }, options);
}

/** A refusal or failure of another system. It is not a bug in this program, so it is printed without a stack. */
export class SystemError extends Error {
  /** How to fix it, if the other system's message does not say it. */
  readonly fix?: string;
}

/** The reason of an error without its fix, for a report that names several problems. */
export function reasonOf(error: unknown): string {
  if (error instanceof UserError) {
    const { problem, got } = error.props;
    return got ? `${problem} Got: ${got}` : problem;
  }
  return error instanceof Error ? error.message : String(error);
}
