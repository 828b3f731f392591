import type { Contents } from "../../../lib/backup/contents";
import {
  describeClosedInvitations,
  describeHostsSince,
  describeRestoredHosts,
  recordEvictions,
  recordRestoredHosts,
  requireKnownHosts,
} from "../../../lib/operations/restore/restored-hosts";
import { type HostEntry, readHosts, saveHost } from "../../../lib/store/records/hosts-record";
import { homeOf } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const entry = (name: string): HostEntry => ({
  ...{ name, role: `openclaw-host-${name}`, keyPath: `secret/openrouter/${name}`, addresses: [] },
  ...{ invited: "2026-11-01T00:00:00Z", roleId: `id-${name}` },
  key: { sha256: `key-${name}`, label: name, limitUsd: 30 },
});
const found = (name: string, fields = {}) => ({
  ...{
    name,
    role: `openclaw-host-${name}`,
    roleId: `id-${name}`,
    key: { sha256: `key-${name}`, preview: "" },
  },
  ...fields,
});

function homeWith(...names: string[]) {
  const home = homeOf(scratchFolder());
  for (const name of names) saveHost(home, entry(name));
  return home;
}

test("only a host of the backup can be evicted from it", () => {
  expect(() => requireKnownHosts([found("web1")], ["web1"])).not.toThrow();
  expect(() => requireKnownHosts([found("web1")], ["web1", "web9"])).toThrow("serves no host web9");
  expect(() => requireKnownHosts([], ["web1"])).toThrow("serves no host web1");
});

test("an eviction is recorded once, by the id of the role in the backup", () => {
  const home = homeWith("web1");
  for (let run = 0; run < 2; run++) recordEvictions(home, [found("web1"), found("web2")], ["web2"]);
  expect(readHosts(home).evicted).toEqual([
    { role: "openclaw-host-web2", roleId: "id-web2", at: expect.any(String), keys: ["key-web2"] },
  ]);
  expect(readHosts(home).hosts.map(({ name }) => name)).toEqual(["web1"]);
});

test("an eviction by a restore is of the host's role in the previous data too: undoing it brings no access back", () => {
  const home = homeWith("web1");
  recordEvictions(
    home,
    [found("web1", { roleId: "then", key: { sha256: "key-then", preview: "" } })],
    ["web1"],
  );
  expect(readHosts(home).evicted.map(({ roleId }) => roleId)).toEqual(["then", "id-web1"]);
  expect(readHosts(home).evicted[0]?.keys).toEqual(["key-then", "key-web1"]);
});

interface AnotherVault {
  readonly home?: ReturnType<typeof homeOf>;
  readonly recorded?: readonly string[];
  readonly served?: readonly string[];
  readonly evict?: readonly string[];
}

/** The hosts that an instance knows after the restore of another Vault's backup, whose record and data have these hosts. */
function knownAfter({ home = homeWith("own"), recorded = ["web1"], served, evict = [] }: AnotherVault) {
  const record = JSON.stringify({ hosts: recorded.map(entry), evicted: [] });
  const contents = { files: new Map([["hosts.json", record]]) } as unknown as Contents;
  const hosts = (served ?? recorded).map((name) => found(name));
  recordEvictions(home, hosts, evict);
  // An interrupted restore does it again.
  for (let run = 0; run < 2; run++) recordRestoredHosts(home, { contents, hosts }, evict);
  return readHosts(home).hosts.map(({ name }) => name);
}

test("the hosts of another Vault's backup are known from then on: they can be evicted, listed and rotated", () => {
  expect(knownAfter({ recorded: ["web1", "web2"] })).toEqual(["own", "web1", "web2"]);
  // It was evicted there after its record was made, or has another credential.
  expect(knownAfter({ recorded: ["web1"], served: [] })).toEqual(["own"]);
  expect(knownAfter({ home: homeWith("web1") })).toEqual(["web1"]);
});

test("a host that was evicted since the backup does not come back; one that its restore evicts still has a key", () => {
  const home = homeWith();
  recordEvictions(home, [found("web1")], ["web1"]);
  expect(knownAfter({ home })).toEqual([]);
  expect(knownAfter({ evict: ["web1"] })).toEqual(["own", "web1"]);
});

test("what a restore means for a host is said, and nothing of one that stays as it was", () => {
  const home = homeWith("same", "out", "later", "again", "rotated");
  const then = [
    found("same"),
    found("out"),
    found("again", { roleId: "older" }),
    found("rotated", { key: { sha256: "older", preview: "" } }),
  ];
  const said = describeRestoredHosts(home, then, ["out"]);
  expect(said.map((line) => line.replace(/^.*: openclaw-openrouter /, ""))).toEqual([
    "host evict out",
    "host invite later --again --any-address",
    "host invite again --again --any-address",
    "host rotate rotated",
  ]);
});

test("an invitation that is open in a backup is said to have ended, to invite again if it was not used", () => {
  const home = homeWith("past", "open");
  const ends = (offset: number) => new Date(Date.now() + offset).toISOString();
  saveHost(home, { ...entry("past"), ends: ends(-60_000) });
  saveHost(home, { ...entry("open"), ends: ends(60_000), addresses: ["10.0.0.7/32"] });
  const said = describeClosedInvitations(home);
  expect(said).toEqual([
    expect.stringMatching(/host open ends now.* host invite open --again --address 10\.0\.0\.7\/32$/),
  ]);
  expect(describeRestoredHosts(home, [found("past"), found("open")], [])).toEqual(said);
});

test("a host that was invited since is not in the previous data", () => {
  const home = homeWith("before");
  saveHost(home, { ...entry("since"), invited: "2026-11-25T12:30:00.000Z" });
  expect(describeHostsSince(home, "2026-11-25T12:00:00.000Z", undefined)).toEqual([
    expect.stringContaining("The previous data do not know the host since"),
  ]);
});

test("a host whose key was replaced since has its key of then in the previous data", () => {
  const home = homeWith("kept", "rotated");
  const before = readHosts(home);
  const key = { sha256: "another", label: "sk-or-v1-x", limitUsd: 10 };
  for (const name of ["kept", "rotated"])
    saveHost(home, { ...entry(name), ...(name === "rotated" ? { key } : {}) });
  expect(describeHostsSince(home, "2999-01-01T00:00:00.000Z", before)).toEqual([
    expect.stringMatching(/host rotated has its key of then.* host rotate rotated$/),
  ]);
});
