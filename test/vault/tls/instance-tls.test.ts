import { X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readCertificates } from "../../../lib/core/files/certificates";
import { instanceTlsPaths } from "../../../lib/model/vault/vault-tls";
import { type CertifiedKey, certifyServer } from "../../../lib/vault/tls/certificates";
import { ensureInstanceTls, isInstanceTlsDue } from "../../../lib/vault/tls/instance-tls";
import { scratchFolder } from "../../support/folder";

const day = 86_400_000;
const start = new Date("2026-03-01T00:00:00Z");
const after = (days: number) => new Date(start.getTime() + days * day);

let count = 0;
const root = scratchFolder();

/** An instance's folder, and what its certificates are at some day after its first. */
function instance() {
  const folder = join(root, `tls-${++count}`);
  const paths = instanceTlsPaths(folder);
  const options = (days: number) => ({
    folder,
    instanceId: "0b1c2d3e-aaaa-4bbb-8ccc-123456789abc",
    container: "vault-paris",
    now: after(days),
  });
  return {
    paths,
    ensure: (days: number, listen?: string) =>
      ensureInstanceTls({ ...options(days), ...(listen ? { listen } : {}) }),
    isDue: (days: number) => isInstanceTlsDue(options(days)),
    server: () => new X509Certificate(readFileSync(paths.server)),
    pinned: () => readCertificates(paths.ca),
  };
}

test("a CA and a server's certificate are made, private, and what both say is right", async () => {
  const { paths, ensure, server, pinned, isDue } = instance();
  expect(isDue(0)).toBe(true);
  expect(await ensure(0)).toBe(true);
  for (const path of Object.values(paths).filter((path) => path !== paths.nextCaKey))
    expect(statSync(path).mode & 0o777).toBe(0o600);
  const [ca] = pinned();
  expect(pinned()).toHaveLength(1);
  expect(ca!.ca).toBe(true);
  expect(new Date(ca!.validTo)).toEqual(after(3650));
  expect(new Date(ca!.validFrom)).toEqual(after(-30));
  expect(server().ca).toBe(false);
  expect(server().verify(ca!.publicKey)).toBe(true);
  expect(server().subjectAltName).toBe(
    "IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost, DNS:vault-paris",
  );
  expect(server().keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  expect(new Date(server().validFrom)).toEqual(after(-30));
  expect(new Date(server().validTo)).toEqual(after(820));
  expect(isDue(0)).toBe(false);
  expect(await ensure(0)).toBe(false);
});

test("an address for other hosts is certified, and stays through renewals that do not know of it", async () => {
  const { ensure, server, pinned } = instance();
  await ensure(0);
  const [ca] = pinned();
  expect(await ensure(0, "10.0.0.5")).toBe(true);
  expect(await ensure(0, "10.0.0.5")).toBe(false);
  for (const days of [0, 411]) {
    await ensure(days);
    expect(server().checkIP("10.0.0.5")).toBe("10.0.0.5");
    expect(server().checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server().checkHost("0b1c2d3e-aaaa-4bbb-8ccc-123456789abc.internal")).toBeDefined();
  }
  expect(await ensure(411, "10.0.0.6")).toBe(true);
  expect(server().checkIP("10.0.0.5")).toBeUndefined();
  expect(pinned().map(({ fingerprint256 }) => fingerprint256)).toEqual([ca!.fingerprint256]);
});

test.each([
  ["before half of its time, it stays", 409, false],
  ["from half of its time on, it is replaced", 411, true],
  ["after it ended, it is replaced", 900, true],
])("a server's certificate: %s", async (_, days, changed) => {
  const { ensure, isDue, server, pinned } = instance();
  await ensure(0);
  const [ca] = pinned();
  expect(isDue(days)).toBe(changed);
  expect(await ensure(days)).toBe(changed);
  expect(new Date(server().validTo)).toEqual(after(changed ? days + 820 : 820));
  expect(pinned()[0]!.fingerprint256).toBe(ca!.fingerprint256);
});

test("a CA's successor is pinned beside it for a year before it signs", async () => {
  const { ensure, server, pinned } = instance();
  await ensure(0);
  const [first] = pinned();
  await ensure(3650 - 1186);
  expect(pinned()).toHaveLength(1);
  await ensure(3650 - 1184);
  const [, second] = pinned();
  expect(pinned().map(({ fingerprint256 }) => fingerprint256)).toEqual([
    first!.fingerprint256,
    second!.fingerprint256,
  ]);
  await ensure(3650 - 1184 + 364);
  expect(server().checkIssued(first!)).toBe(true);
  await ensure(3650 - 1184 + 366);
  expect(pinned()[0]!.fingerprint256).toBe(second!.fingerprint256);
  expect(pinned()).toHaveLength(2);
  expect(server().verify(second!.publicKey)).toBe(true);
  // The first one is left out of what is pinned once it is over and there is something to write.
  await ensure(3651 + 900);
  expect(server().verify(second!.publicKey)).toBe(true);
});

test("no certificate of a server outlives its CA", async () => {
  const { ensure, server, pinned } = instance();
  await ensure(0);
  for (let days = 0; days < 9000; days += 200) {
    await ensure(days);
    const issuer = pinned().find((authority) => server().verify(authority.publicKey));
    expect(issuer).toBeDefined();
    expect(new Date(server().validTo).getTime()).toBeLessThanOrEqual(new Date(issuer!.validTo).getTime());
    expect(new Date(server().validTo).getTime()).toBeGreaterThan(after(days + 200).getTime());
  }
});

test("an instance that was left alone for longer than its CA lasts gets a new one by itself", async () => {
  const { ensure, server, pinned } = instance();
  await ensure(0);
  const [old] = pinned();
  expect(await ensure(4000)).toBe(true);
  expect(pinned()).toHaveLength(1);
  expect(pinned()[0]!.fingerprint256).not.toBe(old!.fingerprint256);
  expect(server().verify(pinned()[0]!.publicKey)).toBe(true);
});

describe("files that an interruption or a hand left behind", () => {
  test.each(["server", "serverKey"] as const)("%s is missing: both are made again", async (name) => {
    const { paths, ensure, server, pinned } = instance();
    await ensure(0);
    rmSync(paths[name]);
    expect(await ensure(1)).toBe(true);
    expect(server().verify(pinned()[0]!.publicKey)).toBe(true);
    expect(await ensure(1)).toBe(false);
  });

  test("a server's key that is another's: both are made again", async () => {
    const [one, other] = [instance(), instance()];
    await one.ensure(0);
    await other.ensure(0);
    writeFileSync(one.paths.serverKey, readFileSync(other.paths.serverKey));
    expect(await one.ensure(0)).toBe(true);
  });

  test("the CA's key is lost: a new CA signs, and the old one stays pinned", async () => {
    const { paths, ensure, server, pinned } = instance();
    await ensure(0);
    const [old] = pinned();
    rmSync(paths.caKey);
    expect(await ensure(1)).toBe(true);
    expect(pinned()).toHaveLength(2);
    expect(pinned()[1]!.fingerprint256).toBe(old!.fingerprint256);
    expect(server().verify(pinned()[0]!.publicKey)).toBe(true);
  });

  test("a successor's key was written, and it was not pinned: another successor is made", async () => {
    const { paths, ensure, pinned } = instance();
    await ensure(0);
    writeFileSync(paths.nextCaKey, "half a key");
    await ensure(3650 - 1184);
    expect(pinned()).toHaveLength(2);
  });

  test("a file that holds anything else", async () => {
    const { paths, ensure, pinned, server } = instance();
    mkdirSync(join(paths.ca, ".."), { recursive: true });
    for (const path of Object.values(paths)) writeFileSync(path, "-----BEGIN CERTIFICATE-----\nAAAA\n");
    expect(await ensure(0)).toBe(true);
    expect(server().verify(pinned()[0]!.publicKey)).toBe(true);
  });
});

describe("a clock that is wrong", () => {
  test("before the CA was made: told as that", async () => {
    const { ensure } = instance();
    await ensure(0);
    await expect(ensure(-20 * 365)).rejects.toThrow("clock is wrong");
  });

  test("ahead once, right again: the certificate from the future is replaced", async () => {
    const { ensure, server } = instance();
    await ensure(0);
    await ensure(800);
    expect(await ensure(2)).toBe(true);
    expect(new Date(server().validFrom)).toEqual(after(-28));
  });

  test("ahead by more than the CA's lifetime, right again: the fix replaces the CA from the future", async () => {
    const { ensure, server, paths } = instance();
    await ensure(0);
    await ensure(30_000);
    const error = await ensure(2).catch((caught) => caught);
    expect(error.props.fix).toContain(`rm ${paths.caKey}\n`);
    rmSync(paths.caKey);
    expect(await ensure(2)).toBe(true);
    expect(new Date(server().validFrom)).toEqual(after(-28));
    expect(await ensure(2)).toBe(false);
  });
});

test.each(["vault_1", "Vault-2", "v", "vault.", "a..b", "-x"])(
  "a container may be called %j: it is served by its address, and certified once",
  async (container) => {
    const options = { folder: join(root, `named-${++count}`), instanceId: "id", container, now: start };
    expect(await ensureInstanceTls(options)).toBe(true);
    expect(await ensureInstanceTls(options)).toBe(false);
    const server = new X509Certificate(readFileSync(instanceTlsPaths(options.folder).server));
    expect(server.subjectAltName?.includes(`DNS:${container}`)).toBe(/^[Vv](-2|ault-2)?$/.test(container));
  },
);

test("a container that was renamed is not certified by a CA that may not: clients would refuse all", async () => {
  const options = { folder: join(root, "renamed"), instanceId: "id", container: "vault", now: start };
  await ensureInstanceTls(options);
  const renamed = { ...options, container: "safe" };
  expect(await ensureInstanceTls(renamed)).toBe(false);
  rmSync(instanceTlsPaths(options.folder).server);
  await ensureInstanceTls(renamed);
  const server = new X509Certificate(readFileSync(instanceTlsPaths(options.folder).server));
  expect(server.subjectAltName).not.toContain("safe");
  expect(await ensureInstanceTls(renamed)).toBe(false);
});

test("lost files are made again on one day: a client that pins both CAs accepts the new one", async () => {
  const options = { folder: join(root, "lost"), instanceId: "id", container: "vault", now: new Date() };
  const { ca, server, serverKey } = instanceTlsPaths(options.folder);
  const read = (path: string) => readFileSync(path, "utf8");
  await ensureInstanceTls(options);
  const lost = read(ca);
  rmSync(options.folder, { recursive: true });
  await ensureInstanceTls(options);
  const served = { certificate: read(server), key: read(serverKey) };
  expect(await answerOf(served, `${lost}${read(ca)}`, "localhost")).toBe("ok");
  expect(await answerOf(served, lost, "localhost")).toMatch(/signature failure|unable to (get|verify)/);
});

test("the CA is bound to its names: a certificate for another one is refused by a client", async () => {
  const now = new Date();
  const folder = join(root, "bound");
  await ensureInstanceTls({ folder, instanceId: "id", container: "vault", now });
  const paths = instanceTlsPaths(folder);
  const read = (path: string) => readFileSync(path, "utf8");
  const authority = { certificate: read(paths.ca), key: read(paths.caKey) };
  const validity = { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + day) };
  const answer = async (names: string[], servername: string) =>
    answerOf(await certifyServer(authority, validity, names), authority.certificate, servername);
  expect(await answer(["localhost"], "localhost")).toBe("ok");
  expect(await answer(["id.internal"], "id.internal")).toBe("ok");
  expect(await answer(["api.example.org"], "api.example.org")).toMatch(/permitted subtree violation/);
  expect(await answer(["localhost", "8.8.8.8"], "localhost")).toMatch(/permitted subtree violation/);
});

/** What a client that pins CAs gets from a server: its answer, or why it was refused. */
async function answerOf({ certificate, key }: CertifiedKey, ca: string, servername: string): Promise<string> {
  const server = createServer({ cert: certificate, key }, (_, response) => response.end("ok"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve) => {
      request({ host: "127.0.0.1", port, servername, ca, agent: false }, () => resolve("ok"))
        .on("error", ({ message }) => resolve(message))
        .end();
    });
  } finally {
    server.close();
  }
}
