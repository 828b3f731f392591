import { phaseRunner } from "../../lib/cli/phases";
import { obeysControls } from "../../lib/report/terminal";

jest.mock("../../lib/report/terminal", () => ({
  ...jest.requireActual("../../lib/report/terminal"),
  obeysControls: jest.fn(() => true),
}));

afterEach(() => jest.restoreAllMocks());

test.each([true, false])("Ctrl-C leaves it to the run to end (on a terminal: %s)", async (isTerminal) => {
  jest.mocked(obeysControls).mockReturnValue(isTerminal);
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  const exit = jest.spyOn(process, "exit").mockReturnValue(undefined as never);
  const interrupted = jest.fn();
  process.on("SIGINT", interrupted);
  try {
    const ended = await phaseRunner()("Work", async () => {
      process.emit("SIGINT");
      return "ended";
    });
    expect(ended).toBe("ended");
  } finally {
    process.off("SIGINT", interrupted);
  }
  expect(interrupted).toHaveBeenCalledTimes(1);
  expect(exit).not.toHaveBeenCalled();
});
