import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decryptionFrom, encryptionGiven } from "../../../lib/cli/input/encryption-input";
import { scratchFolder } from "../../support/folder";

test.each([
  ["as typed", "correct horse"],
  ["with a line end", "correct horse\n"],
  ["with the line end and the byte order mark of another system", "\uFEFFcorrect horse\r\n"],
])("a passphrase in a file is that of a prompt: %s", async (_, text) => {
  const passphraseFile = join(scratchFolder(), "passphrase");
  writeFileSync(passphraseFile, text);
  const passphrase = "correct horse";
  expect(await encryptionGiven({ withShares: true, passphraseFile })).toEqual({ passphrase });
  expect(await decryptionFrom({ passphraseFile })()).toEqual({ passphrase });
});
