import { strict as assert } from "node:assert";
import { inHost } from "../parts";
import type { Step } from "../step";
import { unsealed } from "./restarts";
import { verify } from "./verify";

export const upgrade: Step = {
  id: "engine-upgrade",
  title: "the engine upgraded in place, 20.10 to 26.1",
  notTried: (row) =>
    row.suite === "bookworm" ? undefined : "only Debian 12 has a newer engine that fits it",
  async run(site) {
    const version = () => site.docker("version -f '{{.Server.Version}}'");
    assert.match(version(), /^20\.10/);
    // As apt runs it.
    site.host.must(
      ["sh", "-c", `dpkg --auto-deconfigure --force-confold -i ${inHost.upgrade}/docker*.deb`],
      undefined,
      {
        DEBIAN_FRONTEND: "noninteractive",
      },
    );
    site.host.must(["systemctl", "restart", "docker"]);
    await site.seen("the engine", () => site.sh("docker version").code === 0);
    assert.match(version(), /^26\.1/);
    await unsealed(site);
    site.must("up");
    await verify(site);
  },
};
