import { strict as assert } from "node:assert";
import { isDeepStrictEqual } from "node:util";
import { bundleImage } from "../../lib/bundle/image";
import { poll } from "../../lib/core/poll";
import { root } from "../support/lab-host";
import type { Site } from "./site";
import { withoutOwnVault } from "./steps/schedule";

/** Names of what a host has, besides what its owner made. docs/what-it-deploys.md has the same lists. */
type Left = Readonly<
  Record<
    "containers" | "volumes" | "networks" | "images" | "temporary" | "processes" | "units" | "home",
    string[]
  >
>;

/** What no instance leaves. */
export const nothing = {
  containers: [],
  volumes: [],
  networks: [],
  images: [],
  temporary: [],
  processes: [],
};

const deployed = {
  ...nothing,
  containers: ["vault"],
  volumes: ["vault-data", "vault-home", "vault-socket"],
  networks: ["vault-network"],
  images: [bundleImage],
};

export function left(site: Site): Left {
  const list = (script: string, user = site.deployer) =>
    site.mustSh(script, user).split("\n").filter(Boolean).sort();
  const volumesOfVault = "inspect -f '{{range .Mounts}}{{.Name}} {{end}}' vault";
  const own = withoutOwnVault(site.row)
    ? ["vault", "by-hand/vault:1", ...site.docker(volumesOfVault).split(/\s+/)]
    : [];
  const notOwn = (name: string) => ![...own, "openclaw", "openclaw:local"].includes(name);
  return {
    containers: list("docker ps -a --format '{{.Names}}'").filter(notOwn),
    volumes: list("docker volume ls -q").filter(notOwn),
    networks: list("docker network ls --filter type=custom --format '{{.Name}}'"),
    images: list("docker images --format '{{.Repository}}:{{.Tag}}'").filter(notOwn),
    temporary: list("ls -A /tmp /var/tmp", root).filter((name) => name.includes("openclaw-openrouter")),
    processes: list("ps -eo args", root).filter(
      (line) => /openclaw-openrouter|terraform|tofu/.test(line) && !line.includes("/srv/programs"),
    ),
    units: list("find /etc/systemd /home /root -path '*systemd*' -name 'openclaw-openrouter-*'", root),
    home: list("ls -A ~").filter((name) => name.startsWith(".openclaw")),
  };
}

/** What is there while an instance is deployed, once a schedule's run has ended. */
export async function requireOnlyDeployed(site: Site): Promise<void> {
  const expected = withoutOwnVault(site.row) ? nothing : deployed;
  const found = () => {
    const { units, home, ...rest } = left(site);
    return rest;
  };
  const isSame = () => isDeepStrictEqual(found(), expected) || undefined;
  if (!(await poll(isSame, { every: 1000, timeout: 60_000 }))) assert.deepEqual(found(), expected);
}
