import { renameSync } from "node:fs";
import { vaultShares } from "../../lib/check/checks/vault-shares";
import { CheckContext } from "../../lib/check/context";
import { sharesRecord } from "../../lib/store/records/shares-record";
import { storeShares } from "../../lib/vault/shares/shares-file";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { openVault, serveStub } from "../support/vault/server";

const home = homeOf(scratchFolder());
const made = "2026-11-01T10:00:00.000Z";

/** What an open Vault says of the service that unseals it. */
let health: object | undefined;
beforeEach(() => {
  health = { healthy: true };
});

function look(parameters: object = {}, at = made) {
  const context = {
    ...{ home, parameters: { instance: "default", container: "vault", ...parameters } },
    ...{ now: () => new Date(at), sealHealth: async () => health },
  };
  return vaultShares.run(context as unknown as CheckContext);
}

beforeAll(() => {
  storeShares(home.shares, { shares: ["a", "b", "c"], threshold: 2, generation: 1, created: made });
});

test.each([
  ["2026-11-01T20:00:00.000Z", "0 days"],
  ["2026-11-02T10:00:00.000Z", "1 day"],
  ["2027-02-01T10:00:00.000Z", "92 days"],
])("warns while shares are on the host, with their age: %s", async (at, age) => {
  const finding = await look({}, at);
  expect(finding).toMatchObject({
    status: "warn",
    summary: `the unseal shares are on this host, for ${age} now: ${home.shares}`,
  });
  expect(finding.fix).toMatch(/shares export\n.*shares remove/);
});

test("calls them what they are where Vault unseals itself", async () => {
  expect((await look({ seal: "transit" })).summary).toMatch(/^the recovery shares are on this host/);
});

test("fails while the service that unseals Vault does not work, though Vault is still open", async () => {
  health = { healthy: false, unhealthy_since: "2026-11-30 15:00:12.5 +0000 UTC m=+60.2" };
  const found = await look({ seal: "transit" });
  expect(found).toMatchObject({ status: "fail", fix: expect.stringContaining("docker logs vault") });
  expect(found.summary).toMatch(/its transit does not work since 2026-11-30 15:00 UTC$/);
  // People's shares need no service, and an older Vault says nothing.
  expect((await look()).status).toBe("warn");
  health = undefined;
  expect((await look({ seal: "transit" })).status).toBe("warn");
});

test("Vault is asked for it; one that does not know the question says nothing", async () => {
  const answers: Record<string, object> = { "GET sys/seal-status": openVault };
  const stub = await serveStub(({ name }) => (answers[name] ? [200, answers[name]] : [404, { errors: [] }]));
  const parameters = { instance: "default", home: home.root, address: stub.address } as never;
  const asked = () => new CheckContext({ parameters, unseal: false, progress: () => {} }).sealHealth();
  try {
    expect(await asked()).toBeUndefined();
    // As Vault 1.21 answers it.
    answers["GET sys/seal-backend-status"] = {
      ...{ healthy: false, unhealthy_since: "2026-11-30 15:00:12.5 +0000 UTC", fully_wrapped: true },
      backends: [{ name: "transit", healthy: false, unhealthy_since: "2026-11-30 15:00:12.5 +0000 UTC" }],
    };
    expect(await asked()).toMatchObject({ healthy: false });
  } finally {
    await stub.close();
  }
});

test("does not warn of the sandbox's, nor look at another Vault's", async () => {
  expect(await look({ instance: "sandbox" })).toMatchObject({ status: "pass" });
  expect(await look({ external: {} })).toMatchObject({ status: "skip" });
});

test("is content once they are off the host, and says since when", async () => {
  renameSync(home.shares, `${home.shares}.carried`);
  expect(await look()).toEqual({ status: "pass", summary: "the shares are off this host" });
  const record = { generation: 1, shares: 3, threshold: 2, created: made, holders: [], movedOff: made };
  sharesRecord.write(home, record);
  expect(await look()).toEqual({ status: "pass", summary: "the shares are off this host since 2026-11-01" });
});
