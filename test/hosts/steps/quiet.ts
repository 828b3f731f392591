import { strict as assert } from "node:assert";
import { hasSystemd } from "../row";
import type { Site } from "../site";
import type { Step } from "../step";
import { unsealed } from "./restarts";
import { withoutOwnVault } from "./schedule";

/** Each event of {@link life} once, or more by `TEST_ROUNDS`. */
const rounds = Number(process.env.TEST_ROUNDS ?? 8);

/** What happens on a host whose owner changes nothing. */
const life: readonly ((site: Site) => Promise<void> | void)[] = [
  (site) => site.restartEngine(),
  (site) => {
    site.docker(`logs --tail 5 ${site.container}`);
    site.storedKey();
    site.docker("stats --no-stream");
  },
  (site) => {
    for (const name of hasSystemd(site.row) ? ["check", "drift"] : [])
      site.mustSh(`systemctl start openclaw-openrouter-${name}-default.service`);
  },
  (site) => {
    site.must("backup create");
  },
  (site) => {
    site.docker(`restart ${site.container}`);
    site.must("vault unseal");
  },
  (site) => {
    site.must("up");
  },
  (site) => {
    const image = site.docker(`inspect -f '{{.Image}}' ${site.container}`);
    site.docker(`run -d --name other --network none --entrypoint sleep ${image} 60`);
    for (const what of ["network", "volume"]) site.docker(`${what} create other`);
    site.docker("rm -fv other");
    for (const what of ["network", "volume"]) site.docker(`${what} rm other`);
  },
  (site) => (hasSystemd(site.row) ? site.reboot() : site.restartEngine()),
];

/** The rows of three Debians and engines; the others differ in who does what. */
const tried = ["debian-12", "debian-13", "docker-28"];

export const quiet: Step = {
  id: "quiet",
  title: "ordinary life, check and drift after each event: no alarm",
  notTried: (row) =>
    withoutOwnVault(row) ?? (tried.includes(row.name) ? undefined : `${tried.join(", ")} have it`),
  async run(site) {
    for (let round = 0; round < rounds; round++) {
      const index = round % life.length;
      await life[index]!(site);
      await unsealed(site);
      for (const command of ["check", "drift"]) {
        const { code, stdout, stderr } = site.run(command);
        assert.equal(code, 0, `${command} after event ${index} ended with ${code}:\n${stdout}${stderr}`);
      }
    }
  },
};
