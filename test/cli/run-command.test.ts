import { interruptible } from "../../lib/cli/run-command";
import { ExitCode } from "../../lib/core/exit-codes";

let terminals: number[];
jest.mock("node:tty", () => ({
  ...jest.requireActual<object>("node:tty"),
  isatty: (descriptor: number) => terminals.includes(descriptor),
}));
jest.mock("../../lib/cli/output", () => ({ say: () => {} }));

test.each<[string, NodeJS.Signals, number[], ExitCode]>([
  ["a closed terminal", "SIGHUP", [0], ExitCode.Interrupted],
  ["a closed terminal, with the output in a file", "SIGHUP", [2], ExitCode.Interrupted],
  ["a closed terminal under nohup", "SIGHUP", [], ExitCode.Ok],
  ["a service manager", "SIGTERM", [], ExitCode.Interrupted],
  ["Ctrl-C", "SIGINT", [0, 1, 2], ExitCode.Interrupted],
])("%s: by %s with the terminals %j a run ends with %d", async (_, name, open, code) => {
  terminals = open;
  const ended = await interruptible(async () => {
    process.emit(name, name);
    return ExitCode.Ok;
  });
  expect(ended).toBe(code);
});
