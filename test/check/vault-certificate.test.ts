import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { vaultReachable } from "../../lib/check/checks/vault-reachable";
import { certifyServer, makeAuthority } from "../../lib/vault/tls/certificates";
import { scratchFolder } from "../support/folder";
import { type Stub, serveStub } from "../support/vault/server";

const day = 86_400_000;
const now = new Date();
const days = (count: number) => new Date(now.getTime() + count * day);
const folder = scratchFolder();
const open: Stub[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));

/** Checks an external Vault of which the server's certificate and the CA end after so many days. */
async function check(server: number, ca: number, tls = true) {
  const files = {
    certificateFile: join(folder, "server.pem"),
    keyFile: join(folder, "key.pem"),
    caFile: join(folder, "ca.pem"),
  };
  const authority = await makeAuthority(
    "a CA",
    { notBefore: days(-4000), notAfter: days(ca) },
    { dns: ["localhost"], ip: [] },
  );
  const validity = { notBefore: days(server - 400), notAfter: days(server) };
  const { certificate, key } = await certifyServer(authority, validity, ["localhost"]);
  writeFileSync(files.caFile, authority.certificate);
  writeFileSync(files.certificateFile, certificate);
  writeFileSync(files.keyFile, key);
  const stub = await serveStub(() => [200, {}], tls ? files : undefined);
  open.push(stub);
  const { address } = stub;
  const external = { prefix: "openclaw", keyPath: "secret/openrouter" };
  const finding = await vaultReachable.run({
    parameters: { address, caFile: files.caFile, external },
    reach: async () => ({ status: { version: "1.21.2" } }),
    now: () => now,
  } as never);
  return { address, finding };
}

test.each([
  ["Vault's certificate ends in 29 days", 29.5, 3000],
  ["the CA ends in 10 days", 300, 10.5],
])("an external Vault is warned of ahead of time: %s", async (problem, server, ca) => {
  const { address, finding } = await check(server, ca);
  expect(finding).toMatchObject({
    status: "warn",
    summary: `${problem}, at ${address}`,
    fix: expect.stringContaining("Have Vault's owner renew it"),
    problems: [{ warning: `served-certificate:${address}` }],
  });
});

test("one that is renewed in time passes, and so does plain HTTP", async () => {
  expect((await check(31.5, 3000)).finding).toMatchObject({ status: "pass" });
  const { address, finding } = await check(1, 3000, false);
  expect(finding).toEqual({ status: "pass", summary: `Vault 1.21.2 answers at ${address}` });
});
