import { attempt } from "../../core/attempt";
import { readTextIfThere } from "../../core/files/files";
import { sha256 } from "../../core/fingerprint";
import type { HomeFile } from "../../docker/home-files";
import type { Deployment } from "../../model/deployment";
import { attributesOf } from "../../model/terraform-state";
import { sealOf } from "../../model/vault/seal";
import { readSealFiles } from "../../vault/container/place-seal";
import { tlsHomeFiles } from "../../vault/tls/place-tls";
import type { DriftContext } from "../context";
import type { Finding } from "../finding";
import { inspectHomeFiles } from "../home-volume";
import { managedProbe } from "../probe";

/** Compares the files on the container's home volume for TLS and auto-unseal, which Vault reads at its next start. */
export const vaultFiles = managedProbe("vault.files", async (context) =>
  Promise.all(placedIn(context.deployed).map((placed) => inspect(context, placed))),
);

interface Placed {
  /** The files on this host whose hashes the step that placed them has in its triggers. */
  readonly sources: readonly string[];
  readonly files: () => readonly HomeFile[];
}

function placedIn({ tls, settings }: Deployment): Placed[] {
  const seal = sealOf(settings.vault.seal);
  const sources = [...Object.values(seal?.secrets ?? {}), ...Object.values(seal?.files ?? {})];
  return [
    // Every command that takes the lock places changed TLS files, so these always match the host. If they cannot be served, the
    // probe `certificate` says so.
    ...(tls ? [{ sources: [], files: () => attempt(() => tlsHomeFiles(tls)) ?? [] }] : []),
    ...(seal ? [{ sources, files: () => readSealFiles(seal) }] : []),
  ];
}

async function inspect(context: DriftContext, { sources, files }: Placed): Promise<readonly Finding[]> {
  // A changed source is a change that is not deployed yet, not drift.
  if (!(await areApplied(context, sources))) return [];
  const plain = files().filter(({ name }) => !name.endsWith("/"));
  const findings = await inspectHomeFiles(context, plain, {
    id: "vault.files",
    severity: "critical",
    summary: "The file differs from the deployed one: Vault can fail to start",
  });
  return findings.map((each) => ({ ...each, explains: ["container.restarting", "vault.unreachable"] }));
}

/** Whether the sources are the deployed ones. The step that placed them has a part of each hash in its triggers. */
async function areApplied(context: DriftContext, sources: readonly string[]): Promise<boolean> {
  const steps = JSON.stringify([
    ...attributesOf(await context.knownState("vault"), "terraform_data").values(),
  ]);
  return sources.every((path) => {
    const content = readTextIfThere(path);
    return content !== undefined && steps.includes(sha256(content).slice(0, 12));
  });
}
