import { isIPv6 } from "node:net";
import { type Settings, settingsSchema } from "../../config/settings";
import { readCertificates } from "../../core/files/certificates";
import { addressForHosts, type Deployment } from "../../model/deployment";
import type { HomePaths } from "../../model/home-paths";
import { sealOf } from "../../model/vault/seal";
import { deployedRecord } from "../../store/records/deployed-record";
import { readHosts } from "../../store/records/hosts-record";
import { readShares } from "../../vault/shares/shares-file";

/**
 * What a change of where other hosts reach Vault means, and of what they know it by, before it is made: what restarts, who unseals,
 * which hosts are cut off, and the firewall's rule.
 * @returns empty if nothing changes
 */
export function describeListening(deployment: Deployment): readonly string[] {
  const { settings, external, home, port } = deployment;
  const { listen } = settings.vault;
  if (external) return [];
  const isMoved = isListenChanged(deployment);
  return [
    ...(isMoved && deployedRecord.read(home) !== undefined ? [restarts(deployment)] : []),
    ...describeCutOff(deployment),
    ...(isMoved && listen !== undefined ? [firewallRule(listen, port)] : []),
  ];
}

/** Whether the address for other hosts is another one than the deployed. */
export function isListenChanged({ home, settings }: Deployment): boolean {
  return deployedVault(home)?.listen !== settings.vault.listen;
}

function deployedVault(home: HomePaths): Settings["vault"] | undefined {
  return settingsSchema.safeParse(deployedRecord.read(home)?.settings).data?.vault;
}

/** The hosts that reach Vault no more, or take it for another one, once this is deployed: a line each reason. */
export function describeCutOff(deployment: Deployment): readonly string[] {
  const { home, settings } = deployment;
  const before = deployedVault(home);
  const names = readHosts(home)
    .hosts.map(({ name }) => name)
    .join(", ");
  if (names === "" || before === undefined) return [];
  const { listen, listenName, port } = settings.vault;
  const joinedBy = before.listenName ?? before.listen;
  const isGone = joinedBy !== undefined && ![listen, listenName].includes(joinedBy);
  const place = before.port === port ? joinedBy : `${joinedBy ?? "127.0.0.1"}:${before.port}`;
  // Their credentials stay as they are.
  const where =
    joinedBy !== undefined && listen === undefined
      ? ""
      : ` On each, set \`vault.address\` in its settings to ${addressForHosts(deployment)}, then run \`host join\` there.`;
  return [
    ...(isGone || before.port !== port
      ? [`! ${names} joined by ${place}: they reach Vault there no more.${where}`]
      : []),
    ...(isOtherCa(deployment)
      ? [`! ${names} joined by another CA: they will refuse Vault's certificate, and have to join again.`]
      : []),
  ];
}

/** Whether none of the previous CA certificates, which hosts pin by their invitation, verifies Vault's certificate. */
function isOtherCa({ home, caFile }: Deployment): boolean {
  const before = readCertificates(home.vaultCa);
  const now = caFile === undefined ? [] : readCertificates(caFile);
  const isKept = before.some(({ fingerprint256 }) =>
    now.some((each) => each.fingerprint256 === fingerprint256),
  );
  return before.length > 0 && !isKept;
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
