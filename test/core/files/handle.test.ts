import { openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closing, readWithin } from "../../../lib/core/files/handle";
import { scratchFolder } from "../../support/folder";

test.each([
  [0, true],
  [65_536, true],
  [65_537, true],
  [100_000, true],
  [100_001, false],
])("of %i bytes, with room for 100,000: read whole is %s", (size, isRead) => {
  const path = join(scratchFolder(), "file");
  const content = Buffer.alloc(size, "0123456789");
  writeFileSync(path, content);
  const found = closing(openSync(path, "r"), (handle) => readWithin(handle, 100_000));
  expect(found?.equals(content) ?? false).toBe(isRead);
});
