import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../lib/core/errors";
import { readTlsFiles, type TlsPaths } from "../../../lib/vault/tls/tls-files";
import { makeCertificate, middleOfKey } from "../../support/certificate";
import { scratchFolder } from "../../support/folder";

const folder = scratchFolder();
const own = makeCertificate(folder, "own");
const other = makeCertificate(folder, "other");
const authority = makeCertificate(folder, "authority", { names: "DNS:authority" });
const issued = makeCertificate(folder, "issued", { authority });
const empty = join(folder, "empty.pem");
writeFileSync(empty, "");

test("a certificate that verifies itself", () => {
  expect(readTlsFiles(own)).toEqual({
    certificate: readFileSync(own.certificateFile, "utf8"),
    key: readFileSync(own.keyFile, "utf8"),
    ca: readFileSync(own.caFile, "utf8"),
  });
});

test("one that an authority issued, also with the authority behind it, or among several authorities", () => {
  expect(() => readTlsFiles(issued)).not.toThrow();
  const chain = join(folder, "chain.pem");
  writeFileSync(
    chain,
    readFileSync(issued.certificateFile, "utf8") + readFileSync(authority.certificateFile, "utf8"),
  );
  expect(() => readTlsFiles({ ...issued, certificateFile: chain })).not.toThrow();
  const several = join(folder, "several.pem");
  writeFileSync(
    several,
    readFileSync(other.caFile, "utf8") + readFileSync(authority.certificateFile, "utf8"),
  );
  expect(() => readTlsFiles({ ...issued, caFile: several })).not.toThrow();
});

function locked(): string {
  const path = join(folder, "locked.pem");
  execFileSync("openssl", ["ec", "-in", own.keyFile, "-aes256", "-passout", "pass:x", "-out", path], {
    stdio: "pipe",
  });
  return path;
}

test.each<[string, Partial<TlsPaths>, RegExp]>([
  ["no such file", { certificateFile: join(folder, "none") }, /none cannot be read[\s\S]*ENOENT/],
  ["no certificate", { certificateFile: empty }, /empty.pem holds no certificate/],
  ["a key in the certificate's place", { certificateFile: own.keyFile }, /holds no certificate/],
  ["no CA", { caFile: empty }, /empty.pem holds no certificate/],
  ["no key", { keyFile: empty }, /holds no private key/],
  ["a key with a passphrase", { keyFile: locked() }, /holds no private key[\s\S]*without a passphrase/],
  ["another certificate's key", { keyFile: other.keyFile }, /other-key.pem is not that of/],
  [
    "a CA of the same kind that did not issue it",
    { caFile: other.caFile },
    /other.pem does not verify[\s\S]*CN=own[\s\S]*CN=other/,
  ],
  [
    "another name",
    makeCertificate(folder, "name", { names: "DNS:localhost" }),
    /does not name 127.0.0.1[\s\S]*DNS:localhost/,
  ],
])("refused, before anything is changed: %s", (_name, paths, message) => {
  let error: unknown;
  try {
    readTlsFiles({ ...own, ...paths });
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(message);
  expect((error as UserError).message).not.toContain(middleOfKey(own));
});

test.each([-1, 91])("a certificate is refused %i days from now, when it is not valid", (days) => {
  const now = Date.now();
  jest.spyOn(Date, "now").mockReturnValue(now + days * 86_400_000);
  try {
    expect(() => readTlsFiles(own)).toThrow("is not valid");
  } finally {
    jest.restoreAllMocks();
  }
});
