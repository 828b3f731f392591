import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256, sha256OfFile } from "../../lib/core/fingerprint";
import { scratchFolder } from "../support/folder";

test("a file longer than what is read of it has another digest", async () => {
  const file = join(scratchFolder(), "file");
  writeFileSync(file, "12345");
  expect(await sha256OfFile(file)).toBe(sha256("12345"));
  expect(await sha256OfFile(file, 5)).toBe(sha256("12345"));
  expect(await sha256OfFile(file, 3)).not.toBe(sha256("12345"));
});

test("a device, of which no end comes, is refused", async () => {
  await expect(sha256OfFile("/dev/zero")).rejects.toThrow("no plain file");
});
