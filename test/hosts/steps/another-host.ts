import { strict as assert } from "node:assert";
import type { LabUser } from "../../support/lab-host";
import type { Site } from "../site";
import type { Step } from "../step";
import { cdktfCommand } from "./cdktf";
import { withoutOwnVault } from "./schedule";
import { verify } from "./verify";

/** An address of the host's that is not of its loopback network. */
const listen = "10.99.0.1";
const tried = ["debian-12", "debian-13", "docker-28", "rootless", "userns-remap"];

/** Someone without an engine, whose OpenClaw uses this Vault: as on a host of their own, which would come from another address. */
const guest: LabUser = { name: "guest", uid: 1200, home: "/home/guest" };

export const anotherHost: Step = {
  id: "another-host",
  title:
    "another host by `vault.listen`: invited, bound to its address, joined, evicted (a rootless engine: refused by name)",
  notTried: (row) =>
    withoutOwnVault(row) ?? (tried.includes(row.name) ? undefined : "one row of each kind of engine has it"),
  async run(site) {
    const settings = `${site.home}/openrouter.settings.json`;
    const before = site.mustSh(`cat ${settings}`);
    site.host.must(["ip", "address", "add", `${listen}/32`, "dev", "lo"]);
    site.write(settings, JSON.stringify({ ...JSON.parse(before), vault: { listen } }), site.deployer);
    if (site.row.engine === "rootless") refused(site);
    else {
      site.must("up");
      await joinAndEvict(site);
    }
    site.write(settings, before, site.deployer);
    site.must("up");
    site.host.must(["ip", "address", "delete", `${listen}/32`, "dev", "lo"]);
    await verify(site);
    site.must("drift");
  },
};

function refused(site: Site): void {
  const why = /needs an engine that runs as root/;
  const { code, stderr } = site.run("up");
  assert.equal(code, 64, stderr);
  assert.match(stderr, why);
  const bare = cdktfCommand(site, "deploy", site.key);
  assert.notEqual(bare.code, 0);
  assert.match(bare.stdout + bare.stderr, why);
}

async function joinAndEvict(site: Site): Promise<void> {
  const key = { OPENROUTER_MANAGEMENT_KEY: site.managementKey };
  const invited = site.run(`host invite web1 --limit-eur 5 --address ${listen}/32`, key);
  assert.equal(invited.code, 0, invited.stderr);
  const { host } = site;
  host.must(["useradd", "-m", "-u", String(guest.uid), guest.name]);
  const own = (args: string, input = "") =>
    host.run(["node", site.program, ...args.split(" ")], guest, {}, input);
  const joined = own("host join", invited.stdout);
  assert.equal(joined.code, 0, joined.stderr);
  const { hosts } = site.json<{ hosts: { name: string }[] }>("host list");
  assert.deepEqual(
    hosts.map(({ name }) => name),
    ["web1"],
  );
  site.must("drift");
  site.must("host evict web1 --yes --purge", key);
  assert.notEqual(own("check").code, 0);
  host.must(["userdel", "-r", guest.name]);
}
