import { isIPv6 } from "node:net";
import { settingsSchema } from "../../config/settings";
import type { Deployment } from "../../model/deployment";
import { sealOf } from "../../model/vault/seal";
import { deployedRecord } from "../../store/records/deployed-record";
import { readHosts } from "../../store/records/hosts-record";
import { readShares } from "../../vault/shares/shares-file";

/**
 * What a change of where other hosts reach Vault means, before it is made: what restarts, who unseals, and the firewall's rule.
 * @returns empty if nothing changes
 */
export function describeListening(deployment: Deployment): readonly string[] {
  const { settings, external, home, port } = deployment;
  const { listen } = settings.vault;
  if (external) return [];
  const before = settingsSchema.safeParse(deployedRecord.read(home)?.settings).data?.vault.listen;
  if (before === listen) return [];
  const isDeployed = deployedRecord.read(home) !== undefined;
  const lines = isDeployed ? [restarts(deployment)] : [];
  const { hosts } = readHosts(home);
  if (before !== undefined && hosts.length > 0)
    lines.push(
      `! ${hosts.map(({ name }) => name).join(", ")} joined by ${before}: they reach Vault there no more, and have to join again.`,
    );
  if (listen !== undefined) lines.push(firewallRule(listen, port));
  return lines;
}

function restarts({ settings, home }: Deployment): string {
  const unseals = sealOf(settings.vault.seal)
    ? "its seal unseals it"
    : readShares(home.shares)
      ? "the shares on this host unseal it"
      : `${settings.vault.threshold} of the people with shares have to unseal it: you are asked`;
  return `! \`vault.listen\` changed: Vault's container is made again, and ${unseals}. Until then gateways keep their keys.`;
}

/** Ports that Docker publishes pass by ufw and firewalld's zones. */
function firewallRule(listen: string, port: number): string {
  const tables = isIPv6(listen) ? "ip6tables" : "iptables";
  return `  A firewall such as ufw does not see this port. To let only your hosts in, once:
  ${tables} -I DOCKER-USER -p tcp -m conntrack --ctorigdst ${listen} \\
    --ctorigdstport ${port} ! -s YOUR-NETWORK -j DROP`;
}
