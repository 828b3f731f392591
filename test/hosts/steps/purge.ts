import { strict as assert } from "node:assert";
import { root } from "../../support/lab-host";
import type { Site } from "../site";
import type { Step } from "../step";
import { withoutOwnVault } from "./schedule";

/** What docs/what-it-deploys.md says that stays. */
const documented = [".cache", ".npm", ".openclaw-openrouter-backups"];

/** What is on the host and is not the owner's own. */
function left(site: Site) {
  const list = (script: string, user = site.deployer) =>
    site.mustSh(script, user).split("\n").filter(Boolean).sort();
  const own = site.row.from === "setup guide" ? ["vault", "vault-file", "by-hand/vault:1"] : [];
  const notOwn = (name: string) => ![...own, "openclaw", "openclaw:local"].includes(name);
  return {
    containers: list("docker ps -a --format '{{.Names}}'").filter(notOwn),
    volumes: list("docker volume ls -q").filter(notOwn),
    networks: list("docker network ls --filter type=custom --format '{{.Name}}'"),
    images: list("docker images --format '{{.Repository}}:{{.Tag}}'").filter(notOwn),
    temporary: list("ls -A /tmp /var/tmp", root).filter((name) => name.includes("openclaw-openrouter")),
    units: list("find /etc/systemd /home /root -path '*systemd*' -name 'openclaw-openrouter-*'", root),
    processes: list("ps -eo args", root).filter(
      (line) => /openclaw-openrouter|terraform|tofu/.test(line) && !line.includes("/srv/programs"),
    ),
    home: list("ls -A ~").filter((name) => name.startsWith(".openclaw")),
  };
}

export const purge: Step = {
  id: "purge",
  title: "`destroy --purge`: nothing is left that is not documented",
  run(site) {
    const said = site.must("destroy --purge --yes");
    const own = site.row.from === "setup guide" || site.row.gateway === "none" ? [".openclaw"] : [];
    const { home, ...rest } = left(site);
    assert.deepEqual(rest, {
      containers: [],
      volumes: [],
      networks: [],
      images: [],
      temporary: [],
      units: [],
      processes: [],
    });
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
  assert.ok(command, `no command that removes the program:\n${said}`);
  site.mustSh(command);
  const places =
    "/usr/local/bin/openclaw-openrouter /usr/local/lib/openclaw-openrouter /var/lib/openclaw-openrouter";
  const found = site.sh(
    `ls -d ${places} ~/.local/bin/openclaw-openrouter ~/.local/lib/openclaw-openrouter`,
  ).stdout;
  assert.equal(found, "");
}
