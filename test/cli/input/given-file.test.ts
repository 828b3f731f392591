import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readGivenFile } from "../../../lib/cli/input/given-file";
import { ExitCode } from "../../../lib/core/exit-codes";
import { scratchFolder } from "../../support/folder";

test("a file that an option names is read unchanged", () => {
  const path = join(scratchFolder(), "key");
  writeFileSync(path, " sk-or-v1-x\n");
  expect(readGivenFile(path, "The key file")).toBe(" sk-or-v1-x\n");
});

test("the byte order mark that an editor of another system put first is none of its text", () => {
  const path = join(scratchFolder(), "key");
  writeFileSync(path, "\uFEFFsk-or-v1-x\r\n");
  expect(readGivenFile(path, "The key file")).toBe("sk-or-v1-x\r\n");
});

test("a file that cannot be read is wrong usage, by its name and the reason", () => {
  const path = join(scratchFolder(), "missing");
  expect(() => readGivenFile(path, "The key file")).toThrow(
    expect.objectContaining({
      exitCode: ExitCode.WrongUsage,
      props: expect.objectContaining({
        problem: `The key file ${path} cannot be read.`,
        got: "no such file",
      }),
    }),
  );
});
