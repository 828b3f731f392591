import { strict as assert } from "node:assert";
import { left, nothing } from "../left";
import type { Site } from "../site";
import type { Step } from "../step";
import { withoutOwnVault } from "./schedule";

/** What docs/what-it-deploys.md says that stays. */
const documented = [".cache", ".npm", ".openclaw-openrouter-backups"];

export const purge: Step = {
  id: "purge",
  title: "`destroy --purge`: nothing is left that is not documented",
  run(site) {
    if (site.row.gateway === "container") removeGateway(site);
    const said = site.must("destroy --purge --yes");
    const own = site.row.from === "setup guide" || site.row.gateway === "none" ? [".openclaw"] : [];
    const { home, ...rest } = left(site);
    assert.deepEqual(rest, { ...nothing, units: [] });
    assert.deepEqual(
      home.filter((name) => ![...documented, ...own].includes(name)),
      [],
    );
    removeProgram(site, said);
    if (withoutOwnVault(site.row)) assert.equal(site.storedKey(), site.key);
  },
};

/** The volume of Vault's socket cannot be removed before; that is said, with the command. */
function removeGateway(site: Site): void {
  const { code, stderr } = site.run("destroy --purge --yes");
  assert.equal(code, 1, stderr);
  assert.match(stderr, /Nothing was changed/);
  const command = /docker rm -f openclaw/.exec(stderr)?.[0];
  assert.ok(command, stderr);
  site.mustSh(command);
}

/** By the command that it prints. */
function removeProgram(site: Site, said: string): void {
  const command = /\brm -r .*$/m.exec(said)?.[0];
  assert.ok(command, said);
  site.mustSh(command);
  const copy = "/opt/openclaw-openrouter";
  // A clone that lies where the copy would is used as it lies there, and is the owner's.
  const isClone = site.clone === copy;
  const links = "/usr/local/bin/openclaw-openrouter ~/.local/bin/openclaw-openrouter";
  const copies = `~/.local/share/openclaw-openrouter ${isClone ? "" : copy}`;
  const { stdout } = site.sh(`ls -d ${links} ${copies} /var/lib/openclaw-openrouter`);
  assert.equal(stdout, "");
}
