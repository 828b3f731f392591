import { renameSync } from "node:fs";
import { vaultShares } from "../../lib/check/checks/vault-shares";
import type { CheckContext } from "../../lib/check/context";
import { sharesRecord } from "../../lib/store/records/shares-record";
import { storeShares } from "../../lib/vault/shares/shares-file";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const home = homeOf(scratchFolder());
const made = "2026-11-01T10:00:00.000Z";

function look(parameters: object = {}, at = made) {
  const context = { home, parameters: { instance: "default", ...parameters }, now: () => new Date(at) };
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
