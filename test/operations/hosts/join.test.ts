import { readFileSync } from "node:fs";
import { join } from "node:path";
import { homePaths } from "../../../lib/model/home-paths";
import type { Invitation } from "../../../lib/model/invitation";
import { describeJoining, joinHost } from "../../../lib/operations/hosts/join";
import { instanceHome } from "../../../lib/store/home";
import { joinedRecord } from "../../../lib/store/records/joined-record";
import { makeCertificate } from "../../support/certificate";
import { scratchFolder } from "../../support/folder";
import { type Answer, type Call, openVault, type Stub, serveStub } from "../../support/vault/server";

jest.mock("../../../lib/openclaw/install", () => ({ install: () => ({}) }));
jest.mock("../../../lib/check", () => ({ recordCheck: () => {}, runChecks: async () => ({}) }));

const role = "openclaw-host-web1";
const status = {
  ...openVault,
  cluster_id: "a-cluster",
};
const stubs: Stub[] = [];

/** A Vault with a CA of its own, and the host's role, which takes the secret id that an invitation gave. */
async function serveVault(roleId: string, { takes = true, port = 0 } = {}) {
  let left = 1;
  const answers: Record<string, (call: Call) => Answer> = {
    "GET sys/seal-status": () => [200, status],
    "GET sys/internal/ui/mounts": () => [200, {}],
    "POST sys/wrapping/lookup": () =>
      left > 0 ? [200, { data: { creation_path: `auth/approle/role/${role}/secret-id` } }] : [400, {}],
    "POST sys/wrapping/unwrap": () =>
      left-- > 0 ? [200, { data: { secret_id: `${roleId}-secret` } }] : [400, {}],
    "POST auth/approle/login": ({ body }) =>
      takes && body.role_id === roleId && body.secret_id === `${roleId}-secret`
        ? [200, { auth: { client_token: "a-token" } }]
        : [400, { errors: ["invalid role or secret ID"] }],
  };
  const tls = makeCertificate(scratchFolder(), roleId);
  const stub = await serveStub((call) => answers[call.name]?.(call) ?? [404, { errors: [] }], tls, port);
  stubs.push(stub);
  const invitation: Invitation = {
    ...{ name: "web1", prefix: "openclaw", role, roleId, keyPath: "secret/openrouter/web1" },
    ...{ address: stub.address, ca: readFileSync(tls.caFile, "utf8"), token: "hvs.wrapping" },
    ...{ baseUrl: "https://openrouter.ai/api/v1", ends: "2999-01-01T00:00:00Z" },
  };
  return { stub, invitation };
}

async function run(invitation: Invitation) {
  const { signal } = new AbortController();
  const phase = (_: string, work: (progress: () => void) => Promise<unknown>) => work(() => {});
  const options = { invitation, signal, say: () => {}, phase: phase as never };
  return (await joinHost(await describeJoining("default", invitation), options)).used;
}

const loginsAt = ({ calls }: Stub) => calls.filter(({ name }) => name === "POST auth/approle/login");

let environment: NodeJS.ProcessEnv;
beforeEach(() => {
  environment = { ...process.env };
  const home = scratchFolder();
  Object.assign(process.env, { HOME: home, OPENCLAW_OPENROUTER_HOME: join(home, "instances") });
});
afterEach(async () => {
  process.env = environment;
  for (const stub of stubs.splice(0)) await stub.close();
});

test("an invitation is used once; a second run with it changes nothing", async () => {
  const { invitation } = await serveVault("first");
  expect(await run(invitation)).toBe(true);
  expect(await run(invitation)).toBe(false);
});

test("a run that was killed right after it used the invitation is resumed, and is no theft", async () => {
  const { invitation } = await serveVault("first");
  await run(invitation);
  const home = homePaths(instanceHome("default"));
  joinedRecord.remove(home);
  expect(await run(invitation)).toBe(true);
  expect(joinedRecord.read(home)).toMatchObject({ role, clusterId: "a-cluster" });
});

test("a credential that Vault does not take from here is no theft either, also in a second run", async () => {
  const { invitation } = await serveVault("first", { takes: false });
  for (let runs = 0; runs < 2; runs++)
    await expect(run(invitation)).rejects.toThrow("does not take the credential that this host got");
});

test("a host joins again a Vault that was made again at the same address, which gets no earlier credential", async () => {
  const before = await serveVault("first");
  await run(before.invitation);
  const { port } = before.stub;
  await before.stub.close();
  const { invitation, stub } = await serveVault("second", { port });
  expect(await run(invitation)).toBe(true);
  expect(loginsAt(stub).map(({ body }) => body.role_id)).toEqual(["second"]);
});

test("an invitation to another Vault stays unused, also if the one that the settings name is gone", async () => {
  const before = await serveVault("first");
  await run(before.invitation);
  await before.stub.close();
  const { invitation, stub } = await serveVault("second");
  await expect(run(invitation)).rejects.toThrow("do not name the Vault of the invitation");
  expect(stub.calls.map(({ name }) => name)).not.toContain("POST sys/wrapping/unwrap");
});
