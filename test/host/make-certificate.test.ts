import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ensureCertificate } from "../../lib/host/make-certificate";
import { readTlsFiles } from "../../lib/host/tls-files";
import { madeTls } from "../../lib/model/deployment";
import { homePaths } from "../../lib/model/home-paths";
import { scratchFolder } from "../support/folder";

const home = homePaths(join(scratchFolder(), "home"));
const files = madeTls(home);
const certificate = () => readFileSync(files.certificateFile, "utf8");

test("a certificate is made that Vault can serve and that vouches for itself", async () => {
  expect(await ensureCertificate(home)).toBe(true);
  expect(readTlsFiles(files)).toMatchObject({ certificate: certificate(), ca: certificate() });
  expect(statSync(home.madeTls).mode & 0o777).toBe(0o700);
  expect(statSync(files.keyFile).mode & 0o777).toBe(0o600);
});

test("it stays as long as it is good for, and is made anew a year before its end", async () => {
  const before = certificate();
  expect(await ensureCertificate(home)).toBe(false);
  expect(certificate()).toBe(before);
  const nineYears = new Date(Date.now() + 9.1 * 365 * 86_400_000);
  expect(await ensureCertificate(home, { now: nineYears })).toBe(true);
  expect(certificate()).not.toBe(before);
});

test("without openssl it says what to do, and leaves nothing behind", async () => {
  const other = homePaths(join(scratchFolder(), "home"));
  const attempt = ensureCertificate(other, { program: "/nowhere/openssl" });
  await expect(attempt).rejects.toThrow("apt-get install -y openssl");
  expect(readdirSync(other.root)).toEqual([]);
});
