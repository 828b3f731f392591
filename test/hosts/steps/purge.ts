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
  const command = /^.*\brm -r.*$/m.exec(said)?.[0]?.trim();
  // Its clone lies where a copy would: it is used as it lies there, and is the owner's.
  if (site.row.deployer === "root for openclaw") assert.equal(command, undefined);
  else {
    assert.ok(command, `no command that removes the program:\n${said}`);
    site.mustSh(command);
  }
  const places =
    "/usr/local/bin/openclaw-openrouter /usr/local/lib/openclaw-openrouter /var/lib/openclaw-openrouter";
  const found = site.sh(
    `ls -d ${places} ~/.local/bin/openclaw-openrouter ~/.local/lib/openclaw-openrouter`,
  ).stdout;
  assert.equal(found, "");
}
