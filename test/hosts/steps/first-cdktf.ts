import { strict as assert } from "node:assert";
import { inHost } from "../parts";
import { bringProgram, prepareBare } from "../prepare";
import { Site } from "../site";
import type { Step } from "../step";
import { cdktfCommand } from "./cdktf";

/** The first host is off meanwhile. */
export const firstCdktf: Step = {
  id: "first-cdktf",
  title:
    "on a second host, where nothing of this program ever ran: a bare `cdktf deploy '*'`; `cdktf destroy '*'` is refused",
  notTried: (row) => (row.name === "debian-13" ? undefined : "one row is enough: debian-13"),
  async run(site) {
    await site.host.stop();
    const second = await Site.of(site.row, site.parts, `${site.folder}-cdktf`);
    try {
      await prepareBare(second);
      const { key } = second;
      bringProgram(second);
      // As `npm ci` with a registry, and the offline parts where a bundle puts them.
      second.mustSh(`mkdir -p ~/.cache/openclaw-openrouter && cp -r ${inHost.parts} ~/.cache/openclaw-openrouter/bundle
        cp -r ${inHost.bundle}/npm /tmp/npm && cd ${second.clone} && npm ci --ignore-scripts --omit=dev --offline --cache /tmp/npm \\
          --registry "$(node -p 'require("${inHost.bundle}/bundle.json").npm.registry')" && rm -r /tmp/npm`);
      const deployed = cdktfCommand(second, "deploy", key);
      assert.equal(deployed.code, 0, deployed.stdout + deployed.stderr);
      assert.equal(second.storedKey(), key);
      const { code, stdout, stderr } = cdktfCommand(second, "destroy", key);
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /openclaw-openrouter(\.mjs)? destroy/);
      assert.equal(second.storedKey(), key);
    } finally {
      await second.remove();
      await site.boot();
    }
    await site.seen("Vault is unsealed", () => site.isOpen());
  },
};
