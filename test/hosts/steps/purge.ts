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
