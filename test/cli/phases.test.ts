import { say } from "../../lib/cli/output";
import { phaseRunner } from "../../lib/cli/phases";
import { poll } from "../../lib/core/poll";
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

test("a terminal shows on one line what goes on, with a sign that turns, and at the end only what was done", async () => {
  jest.mocked(obeysControls).mockReturnValue(true);
  const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  const shown = () => write.mock.calls.map(([text]) => String(text));
  await phaseRunner()("Work", async (progress) => {
    progress("the first\nstep");
    await poll(() => shown().some((text) => text.startsWith("\r\x1b[2K⠙ ")) || undefined, { every: 10 });
  });
  expect(shown().slice(0, 2)).toEqual(["\r\x1b[2K⠋ Work", "\r\x1b[2K⠋ Work: the first step"]);
  expect(shown().at(-2)).toBe("\r\x1b[2K");
  // With CI in the environment the sign has a colour.
  expect(shown().at(-1)).toMatch(/✔.* Work\n$/);
});

test("what is said meanwhile has a line of its own", async () => {
  jest.mocked(obeysControls).mockReturnValue(true);
  const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  await phaseRunner()("Work", async () => {
    say("Interrupted.");
    say("Once more: ends at once.");
  });
  const shown = write.mock.calls.map(([text]) => String(text));
  expect(shown.slice(1, 3)).toEqual(["\r\x1b[2KInterrupted.\n", "Once more: ends at once.\n"]);
});

test("a phase that fails says so", async () => {
  jest.mocked(obeysControls).mockReturnValue(true);
  const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  const failing = phaseRunner()("Work", () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(write.mock.lastCall?.[0]).toMatch(/✖.* Work\n$/);
});
