import { strict as assert } from "node:assert";
import type { Step } from "../step";
import { withoutOwnVault } from "./schedule";
import { verify } from "./verify";

/** All but the last blocks at once, then to the last byte. */
const fill = `fallocate -l "$(df --output=avail -B1 / | tail -1)" /srv/full
for size in 1M 4k 1; do dd if=/dev/zero of=/srv/fuller bs=$size oflag=append conv=notrunc; done`;

export const diskFull: Step = {
  id: "disk-full",
  title: "the disk full: said, nothing lost; with space again all works",
  async run(site) {
    site.host.run(["sh", "-c", fill]);
    try {
      assert.match(site.host.must(["df", "--output=avail", "/"]), /\b0\b/);
      if (!withoutOwnVault(site.row)) {
        const { code, stderr } = site.run("backup create");
        assert.equal(code, 1, stderr);
        assert.match(stderr, /no space|disk|full|space left/i);
        assert.doesNotMatch(stderr, /defect/);
      }
      const { code, stderr } = site.run("up");
      assert.ok(code === 0 || code === 1, stderr);
      assert.doesNotMatch(stderr, /defect/);
    } finally {
      site.host.must(["rm", "-f", "/srv/full", "/srv/fuller"]);
    }
    if (!site.isOpen() && !withoutOwnVault(site.row)) site.must("vault unseal");
    site.must("up");
    await verify(site);
  },
};
