import { Readable } from "node:stream";
import { askReceiver } from "../../../lib/cli/input/receiver-input";

const stdin = Object.getOwnPropertyDescriptor(process, "stdin")!;
const give = (text: string) =>
  Object.defineProperty(process, "stdin", { value: Readable.from([text]), configurable: true });
afterEach(() => Object.defineProperty(process, "stdin", stdin));

test("without a terminal the URL comes from standard input, since other users see arguments", async () => {
  give(" https://hc.test/uuid\n");
  expect(await askReceiver("heartbeat", "URL")).toBe("https://hc.test/uuid");
});

test.each([
  ["add", "URL or program"],
  ["heartbeat", "URL"],
] as const)("alerts %s without a URL says how to give it", async (command, what) => {
  give("\n");
  await expect(askReceiver(command, what)).rejects.toMatchObject({
    exitCode: 64,
    props: { expected: `a ${what}`, fix: `cat FILE | openclaw-openrouter alerts ${command}` },
  });
});
