import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCertificates } from "../../lib/core/files/certificates";
import type { Deployment } from "../../lib/model/deployment";
import { homePaths } from "../../lib/model/home-paths";
import { instanceTlsPaths } from "../../lib/model/vault/vault-tls";
import { followCa, showCaToHosts } from "../../lib/session/ca-for-hosts";
import { writeCredential } from "../../lib/store/credentials";
import { ensureInstance } from "../../lib/store/home";
import { saveHost } from "../../lib/store/records/hosts-record";
import { ensureInstanceTls } from "../../lib/vault/tls/instance-tls";
import { makeCertificate } from "../support/certificate";
import { scratchFolder } from "../support/folder";
import { type Answer, type Stub, serveStub } from "../support/vault/server";

const day = 86_400_000;
const path = "openclaw/ca";

/** An instance and a host that joined it, with what Vault keeps for hosts. */
async function fleet({ mayRead = true } = {}) {
  const kept = new Map<string, { pem: string }>();
  const served = makeCertificate(scratchFolder(), "served");
  const answers: Record<string, (body: never) => Answer> = {
    "POST auth/approle/login": () => [200, { auth: { client_token: "a-token" } }],
    [`GET ${path}`]: () => {
      const data = kept.get(path);
      return mayRead ? (data ? [200, { data }] : [404, { errors: [] }]) : [403, { errors: ["denied"] }];
    },
    [`POST ${path}`]: (body) => {
      kept.set(path, body);
      return [204];
    },
  };
  const stub = await serveStub(({ name, body }) => answers[name]?.(body as never) ?? [404], served);
  stubs.push(stub);
  const at = (name: string) => {
    const home = homePaths(join(scratchFolder(), name));
    const { id } = ensureInstance(home.root);
    writeCredential(home, name === "vault" ? "deployer" : "reader", { roleId: "r", secretId: "s" });
    return { home, id };
  };
  const [vault, web1] = [at("vault"), at("web1")];
  const { address } = stub;
  /** Its files as of a day of its life. */
  const made = (days: number) =>
    ensureInstanceTls({
      ...{ folder: vault.home.tls, instanceId: vault.id, container: "vault" },
      now: new Date(Date.now() + days * day),
    });
  await made(0);
  const { ca } = instanceTlsPaths(vault.home.tls);
  writeFileSync(web1.home.joinedCa, readFileSync(served.caFile, "utf8") + readFileSync(ca, "utf8"));
  const owner = { home: vault.home, caFile: ca } as Deployment;
  const external = { prefix: "openclaw", keyPath: "secret/openrouter/web1", joinedAs: "web1" };
  const host = { home: web1.home, address, external, caFile: web1.home.joinedCa } as Deployment;
  const pinned = () => readCertificates(web1.home.joinedCa).map(({ fingerprint256 }) => fingerprint256);
  const show = () => showCaToHosts(owner, { address, caFile: served.caFile });
  return { stub, vault, web1, owner, host, made, show, pinned, ca };
}

const invited = {
  ...{ name: "web1", role: "openclaw-host-web1", keyPath: "secret/openrouter/web1" },
  ...{ invited: "2026-11-25T00:00:00Z", addresses: [] },
};
const stubs: Stub[] = [];
afterEach(async () => {
  for (const stub of stubs.splice(0)) await stub.close();
});

test("a joined host pins the CA's successor before it signs, and still what it pinned", async () => {
  const { vault, host, made, show, pinned, ca } = await fleet();
  saveHost(vault.home, invited);
  const before = pinned();
  await show();
  await followCa(host);
  expect(pinned()).toEqual(before);
  await made(3650 - 1100);
  const [, successor] = readCertificates(ca);
  await show();
  await followCa(host);
  expect(pinned()).toEqual([...before, successor?.fingerprint256]);
});

test("what is shown already is not written again, and without a host nothing is", async () => {
  const { stub, vault, show } = await fleet();
  const writes = () => stub.calls.filter(({ name }) => name === `POST ${path}`).length;
  await show();
  expect(stub.calls).toEqual([]);
  saveHost(vault.home, invited);
  await show();
  await show();
  expect(writes()).toBe(1);
});

test.each([
  ["an invitation of an earlier version does not permit it", { mayRead: false }],
  ["Vault shows none", {}],
])("the host goes on with its own if %s", async (_, options) => {
  const { host, pinned } = await fleet(options);
  const before = pinned();
  await followCa(host);
  expect(pinned()).toEqual(before);
});

test("a host whose Vault does not answer, or whose settings name another file, asks nothing", async () => {
  const { stub, vault, host, show, made, pinned, ca } = await fleet();
  saveHost(vault.home, invited);
  await made(3650 - 1100);
  await show();
  const asked = stub.calls.length;
  await followCa({ ...host, caFile: ca });
  expect(stub.calls.length).toBe(asked);
  const before = pinned();
  await followCa({ ...host, address: "https://127.0.0.1:1" });
  expect(pinned()).toEqual(before);
});
