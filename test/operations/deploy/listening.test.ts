import { appendFileSync, copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { describeListening } from "../../../lib/operations/deploy/listening";
import { deployedRecord } from "../../../lib/store/records/deployed-record";
import { saveHost } from "../../../lib/store/records/hosts-record";
import { storeShares } from "../../../lib/vault/shares/shares-file";
import { makeCertificate } from "../../support/certificate";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const listen = "10.0.0.5";

/** An instance with these settings of Vault, after a deploy with others. */
function changed(before: object | undefined, now: object) {
  const home = scratchFolder();
  const after = describeInstance({ vault: now }, { home });
  mkdirSync(home, { recursive: true });
  const { settings } = describeInstance({ vault: before ?? {} }, { home });
  if (before) deployedRecord.write(after.home, { at: "2026-11-01T00:00:00Z", clusterId: "c", settings });
  return after;
}

test("a first deploy has the firewall's rule alone, and nothing restarts", () => {
  expect(describeListening(changed(undefined, { listen })).join("\n")).toMatch(
    /^ {2}A firewall[^!]*\n {2}iptables -I DOCKER-USER -p tcp -m conntrack --ctorigdst 10\.0\.0\.5 \\\n {4}--ctorigdstport 8200 ! -s YOUR-NETWORK -j DROP$/,
  );
  expect(describeListening(changed(undefined, { listen: "fd12::5" })).join()).toContain("ip6tables");
});

test("nothing is said where nothing changes", () => {
  expect(describeListening(changed({ listen }, { listen }))).toEqual([]);
  expect(describeListening(changed({}, {}))).toEqual([]);
});

test("a change says what restarts, and who unseals it", () => {
  const held = changed({}, { listen });
  expect(describeListening(held)[0]).toContain("3 of the people with shares have to unseal it");
  storeShares(held.home.shares, {
    created: "2026-11-01T00:00:00Z",
    shares: ["a"],
    threshold: 1,
    generation: 1,
  });
  expect(describeListening(held)[0]).toContain("the shares on this host unseal it");
  const seal = { type: "transit", transit: { address: "https://t", tokenFile: "/t" } };
  expect(describeListening(changed({}, { listen, seal }))[0]).toContain("its seal unseals it");
});

const host = { name: "web1", role: "r", keyPath: "k", invited: "2026-11-01T00:00:00Z", addresses: [] };

test.each<[string, object, object, string | undefined, string | undefined]>([
  ["address", { listen }, { listen: "10.0.0.6" }, "10.0.0.5:", "https://10.0.0.6:8200"],
  ["address of IPv6", { listen }, { listen: "fd12::5" }, "10.0.0.5:", "https://[fd12::5]:8200"],
  ["port", { listen }, { listen, port: 8300 }, "10.0.0.5:8200:", "https://10.0.0.5:8300"],
  ["port on this host alone", {}, { port: 8300 }, "127.0.0.1:8200:", "https://127.0.0.1:8300"],
  ["address, which is gone", { listen }, {}, "10.0.0.5:", undefined],
  ["first address", {}, { listen }, undefined, undefined],
])("hosts that joined by the previous %s are named, with the present one", (_, before, now, told, where) => {
  const moved = changed(before, now);
  saveHost(moved.home, host);
  const said = describeListening(moved).join("\n");
  if (told === undefined) expect(said).not.toContain("web1");
  else expect(said).toContain(`web1 joined by ${told}`);
  expect(/`vault.address` in its settings to (\S+),/.exec(said)?.[1]).toBe(where);
});

test("hosts that pin a CA which Vault's certificate no longer goes back to are named", () => {
  const folder = scratchFolder();
  const [first, second] = ["first", "second"].map((name) => makeCertificate(folder, name));
  const tls = { certificateFile: second!.certificateFile, keyFile: second!.keyFile, caFile: second!.caFile };
  const replaced = changed({}, { tls });
  saveHost(replaced.home, host);
  // A first deploy, or the same CA with a successor beside it.
  expect(describeListening(replaced)).toEqual([]);
  copyFileSync(second!.caFile, replaced.home.vaultCa);
  expect(describeListening(replaced)).toEqual([]);
  copyFileSync(first!.caFile, replaced.home.vaultCa);
  expect(describeListening(replaced)).toEqual([expect.stringContaining("web1 joined by another CA")]);
  appendFileSync(second!.caFile, readFileSync(first!.caFile));
  expect(describeListening(replaced)).toEqual([]);
});
