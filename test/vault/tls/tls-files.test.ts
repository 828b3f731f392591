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
const intermediate = makeCertificate(folder, "intermediate", { authority, isAuthority: true });
const below = makeCertificate(folder, "below", { authority: intermediate });
const text = (path: string) => readFileSync(path, "utf8");
const empty = join(folder, "empty.pem");
writeFileSync(empty, "");

test("a certificate that verifies itself", () => {
  expect(readTlsFiles(own)).toEqual({
    certificate: text(own.certificateFile),
    key: text(own.keyFile),
    ca: text(own.caFile),
  });
});

test("one that an authority issued, also with the authority behind it, or among several authorities", () => {
  expect(() => readTlsFiles(issued)).not.toThrow();
  const chain = join(folder, "chain.pem");
  writeFileSync(chain, text(issued.certificateFile) + text(authority.certificateFile));
  expect(() => readTlsFiles({ ...issued, certificateFile: chain })).not.toThrow();
  const several = join(folder, "several.pem");
  writeFileSync(several, text(other.caFile) + text(authority.certificateFile));
  expect(() => readTlsFiles({ ...issued, caFile: several })).not.toThrow();
});

test("one below an intermediate CA, which is in its own file or beside the root", () => {
  const chain = join(folder, "below-chain.pem");
  writeFileSync(chain, text(below.certificateFile) + text(intermediate.certificateFile));
  expect(() =>
    readTlsFiles({ ...below, certificateFile: chain, caFile: authority.certificateFile }),
  ).not.toThrow();
  const both = join(folder, "both.pem");
  writeFileSync(both, text(intermediate.certificateFile) + text(authority.certificateFile));
  expect(() => readTlsFiles({ ...below, caFile: both })).not.toThrow();
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
    "an intermediate CA without its root, which Node does not trust",
    below,
    /intermediate.pem does not verify[\s\S]*issued by CN=authority[\s\S]*CN=intermediate/,
  ],
  [
    "itself, though a CA issued it",
    { ...issued, caFile: issued.certificateFile },
    /issued.pem does not verify[\s\S]*issued by CN=authority[\s\S]*CN=issued/,
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

test("a CA is refused when it is not valid", () => {
  const late = makeCertificate(folder, "late", { authority, days: 200 });
  const now = Date.now();
  jest.spyOn(Date, "now").mockReturnValue(now + 91 * 86_400_000);
  try {
    expect(() => readTlsFiles(late)).toThrow(/does not verify[\s\S]*CN=authority, which is valid from/);
  } finally {
    jest.restoreAllMocks();
  }
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
