import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readNamedFile } from "../../lib/vault/read-named-file";
import { scratchFolder } from "../support/folder";

test("reads the file, or says what it is for and which option names it", () => {
  const path = join(scratchFolder(), "token");
  const read = () => readNamedFile(path, "unseal itself", "vault.seal");
  expect(read).toThrow(`${path} cannot be read, and Vault is to unseal itself with it.`);
  expect(read).toThrow("ENOENT");
  expect(read).toThrow("change `vault.seal` in the settings");
  writeFileSync(path, "hvs.token\n");
  expect(read()).toBe("hvs.token\n");
});
