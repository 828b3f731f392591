import { strict as assert } from "node:assert";
import type { Step } from "../step";
import { withoutOwnVault } from "./schedule";

export const drift: Step = {
  id: "drift",
  title: "drift: none; a changed file is found, and `drift --fix` puts it back",
  run(site) {
    site.must("drift");
    const folder = site.row.gateway === "container" ? "/srv/openclaw" : `${site.gatewayUser.home}/.openclaw`;
    site.host.must(["sh", "-c", `sed -i s/claude-sonnet-5/claude-opus-5/ ${folder}/openrouter.json5`]);
    const { code, stderr } = site.run("drift");
    assert.equal(code, 2, stderr);
    site.must("drift --fix --yes");
    site.must("drift");
    if (!withoutOwnVault(site.row)) assert.match(site.must("up"), /nothing changed/);
  },
};
