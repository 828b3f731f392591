import { mkdirSync } from "node:fs";
import { describeListening } from "../../../lib/operations/deploy/listening";
import { deployedRecord } from "../../../lib/store/records/deployed-record";
import { saveHost } from "../../../lib/store/records/hosts-record";
import { storeShares } from "../../../lib/vault/shares/shares-file";
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

test("hosts that joined by the previous address are named", () => {
  const moved = changed({ listen }, { listen: "10.0.0.6" });
  saveHost(moved.home, {
    ...{ name: "web1", role: "r", keyPath: "k", invited: "2026-11-01T00:00:00Z", addresses: [] },
  });
  expect(describeListening(moved).join()).toContain("web1 joined by 10.0.0.5");
});
