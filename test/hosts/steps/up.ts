import { strict as assert } from "node:assert";
import { setUpByHand } from "../by-hand";
import { startGateway } from "../gateway";
import { inHost } from "../parts";
import { bringProgram } from "../prepare";
import type { Site } from "../site";
import type { Step } from "../step";
import { firstDay } from "./first-day";

/** What starts the program where nothing of it ever ran. */
export function firstUp(site: Site): string {
  if (site.row.from === "copy") return site.command("up");
  const up = `up --instance default --bundle ${inHost.bundle}`;
  if (site.row.from === "package")
    return `cp -r ${inHost.bundle}/npm npm-cache &&
      npm install --offline --cache npm-cache ${inHost.bundle}/openclaw-openrouter-*.tgz && rm -r npm-cache &&
      node_modules/.bin/openclaw-openrouter ${up}`;
  const byHand = site.row.from === "setup guide" ? " --admin-token-stdin" : "";
  return `cd ${site.clone} && npm start -- ${up.replace("up ", "")}${byHand}`;
}

export const up: Step = {
  id: "up",
  title: "`npm start` on the bare host, from an offline bundle",
  notTried: (row) => (row.from === "first day" ? `${firstDay.title} has it` : undefined),
  async run(site) {
    const { row } = site;
    bringProgram(site, row.gateway === "container" ? { openclaw: { folder: "/srv/openclaw" } } : {});
    if (row.from === "setup guide") await setUpByHand(site);
    if (row.gateway === "container") await startGateway(site);
    const token = row.from === "setup guide" ? site.rootToken : "";
    const key = row.from === "setup guide" ? {} : { OPENROUTER_API_KEY: site.key };
    const { code, stdout, stderr } = site.sh(firstUp(site), site.deployer, key, token);
    // A gateway that runs in a container is told what to mount, and the check fails until it does.
    assert.equal(code, row.gateway === "container" ? 1 : 0, stdout + stderr);
    if (row.gateway === "container") {
      assert.match(stderr, /docker run: add {2}-v vault-socket:/);
      await startGateway(site);
    }
    if (row.from === "clone" && row.gateway !== "container") assert.match(stderr, /the check passed/);
  },
};
