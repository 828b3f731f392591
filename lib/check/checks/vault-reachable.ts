import { isLoopbackAddress } from "../../core/network/sockets";
import { combine, pass, type Verdict } from "../../report/finding";
import { silentServers } from "../../vault/cluster";
import { certificateProblem, servedCertificateProblem } from "../../vault/tls/certificate-time";
import { servedCertificate } from "../../vault/tls/served-certificate";
import type { Check } from "../check";
import type { CheckContext } from "../context";
import { warningsOf } from "../warnings";

const warn = warningsOf("vault.reachable");

export const vaultReachable: Check = {
  id: "vault.reachable",
  why: "The key is stored in Vault: OpenClaw cannot start without it.",
  needs: [],
  async run(context) {
    const { vaultVersion, address, otherAddresses, caFile, tls, external } = context.parameters;
    const { status } = await context.reach();
    const silent = otherAddresses ? await silentServers([address, ...otherAddresses], caFile) : [];
    const summary = `Vault ${status.version} answers at ${otherAddresses ? `${1 + otherAddresses.length - silent.length} of ${1 + otherAddresses.length} addresses` : address}`;
    const isOtherVersion = vaultVersion !== undefined && status.version !== vaultVersion;
    const problem = tls && certificateProblem(tls, context.now());
    const renew = tls?.made
      ? "See why it is not renewed: openclaw-openrouter vault unseal"
      : "Renew the files that `vault.tls` names in the settings. Vault serves them after the next command.";
    return combine(summary, [
      isOtherVersion &&
        warn(`version:${status.version}`, `${summary}; expected ${vaultVersion}`, "openclaw-openrouter up"),
      silent.length > 0 &&
        warn(
          `servers:${silent.join(",")}`,
          `${summary}: not at ${silent.join(", ")}`,
          "Start that server, or remove it from `vault.address`: only the others carry this instance now.",
        ),
      external !== undefined &&
        status.storage_type === "inmem" &&
        warn(
          "in-memory",
          `${summary}, and keeps its data in memory only, as in dev mode: its next restart loses the key and all else in it`,
          "Run it in production mode, with its storage on a disk, and store its secrets there; then: openclaw-openrouter up",
        ),
      external?.container !== undefined && (await openPort(context, external.container)),
      problem !== undefined && warn("certificate", problem, renew),
      ...(external
        ? await servedCertificates(
            [address, ...(otherAddresses ?? [])].filter((each) => !silent.includes(each)),
            caFile,
            context.now(),
          )
        : []),
    ]);
  },
};

/** A container's plain HTTP that other machines reach, as `-p 8200:8200` has it: what a client sends there can be read on the way. */
async function openPort(
  { engine, parameters: { address } }: CheckContext,
  container: string,
): Promise<Verdict | false> {
  const { protocol, port } = new URL(address);
  if (!engine || protocol !== "http:") return false;
  const found = (await engine.containers()).find(({ Names }) => Names.includes(`/${container}`));
  const open = found?.Ports.filter(
    ({ IP, PublicPort }) => String(PublicPort) === port && IP !== undefined && !isLoopbackAddress(IP),
  );
  if (!open?.length) return false;
  return warn(
    "open",
    `The container ${container} publishes port ${port} to other machines (${open.map(({ IP }) => IP).join(", ")}), in plain HTTP`,
    `Publish it on the loopback alone (127.0.0.1:${port}:8200) and make its container again: a firewall such as ufw does not close a published port.`,
  );
}

/** What ends soon of the certificates of an external Vault: only its owner can renew them, and may not know of this host. */
async function servedCertificates(
  addresses: readonly string[],
  caFile: string | undefined,
  now: Date,
): Promise<Verdict[]> {
  const found = addresses.map(async (address): Promise<Verdict[]> => {
    const { protocol, hostname, port } = new URL(address);
    if (protocol !== "https:") return [];
    const certificate = await servedCertificate(hostname.replace(/^\[|\]$/g, ""), Number(port || 443));
    if (!certificate) return [pass(`${address} did not show its certificate again, so its end is not known`)];
    const problem = servedCertificateProblem(certificate, caFile, now);
    if (problem === undefined) return [];
    return [
      warn(
        `served-certificate:${address}`,
        `${problem}, at ${address}`,
        "Have Vault's owner renew it: from that day on every client, OpenClaw's too, refuses it. A new CA: name it by `vault.caFile` in the settings.",
      ),
    ];
  });
  return (await Promise.all(found)).flat();
}
