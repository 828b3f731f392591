import { logLines } from "../../lib/docker/engine-exec";

const frame = (output: number, text: string) => {
  const header = Buffer.alloc(8);
  header.writeUInt8(output);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

test("lines of both outputs in their order, without the frames' headers", () => {
  // A length of 93 is a `]` in the header.
  const long = "x".repeat(92);
  const log = Buffer.concat([frame(1, `${long}\n`), frame(2, "an error\n"), frame(1, "end")]);
  expect(logLines(log)).toEqual([long, "an error", "end"]);
});

test("a line over two frames is one", () => {
  expect(logLines(Buffer.concat([frame(1, "a b"), frame(1, " c\n")]))).toEqual(["a b c"]);
});

test("a terminal's log has no frames; control characters are left out", () => {
  expect(logLines(Buffer.from("one\r\n\u001b[31mtwo\n"))).toEqual(["one", "[31mtwo"]);
});
