import { readTextIfThere } from "../../core/files/files";
import { sha256 } from "../../core/fingerprint";
import { type HomeFile, homeFolder } from "../../docker/home-files";
import type { Deployment } from "../../model/deployment";
import { sealOf } from "../../model/seal";
import { attributesOf } from "../../model/terraform-state";
import { readSealFiles } from "../../vault/place-seal";
import { tlsHomeFiles } from "../../vault/tls/place-tls";
import type { DriftContext } from "../context";
import { drift, type Finding } from "../finding";
import { differingFiles } from "../home-volume";
import type { Probe } from "../probe";

interface Placed {
  /** The files on this host whose hashes the step that placed them has in its triggers. */
  readonly sources: readonly string[];
  readonly files: () => readonly HomeFile[];
}

/** Compares the files on the container's home volume for TLS and auto-unseal, which Vault reads at its next start. */
export const vaultFiles: Probe = {
  id: "vault.files",
  managedOnly: true,
  async inspect(context) {
    const found = await Promise.all(placedIn(context.deployed).map((placed) => inspect(context, placed)));
    return found.flat();
  },
};

function placedIn({ tls, settings }: Deployment): Placed[] {
  const seal = sealOf(settings.vault.seal);
  return [
    // Every command that takes the lock places changed TLS files, so these always match the host.
    ...(tls ? [{ sources: [], files: () => tlsHomeFiles(tls) }] : []),
    ...(seal
      ? [
          {
            sources: [...Object.values(seal.secrets), ...Object.values(seal.files)],
            files: () => readSealFiles(seal),
          },
        ]
      : []),
  ];
}

async function inspect(context: DriftContext, { sources, files }: Placed): Promise<Finding[]> {
  // A changed source is a change that is not deployed yet, not drift.
  if (!(await areApplied(context, sources))) return [];
  const differing = await differingFiles(
    context,
    files().filter(({ name }) => !name.endsWith("/")),
  );
  return differing.map(({ name, expected, actual }) =>
    drift({
      id: `vault.files.${name}`,
      severity: "critical",
      subject: `${homeFolder}/${name} in the container`,
      summary: "The file differs from the deployed one: Vault can fail to start",
      expected,
      actual,
    }),
  );
}

/** Whether the sources are the deployed ones. The step that placed them has a part of each hash in its triggers. */
async function areApplied(context: DriftContext, sources: readonly string[]): Promise<boolean> {
  const steps = JSON.stringify([...attributesOf(await context.vaultState(), "terraform_data").values()]);
  return sources.every((path) => {
    const content = readTextIfThere(path);
    return content !== undefined && steps.includes(sha256(content).slice(0, 12));
  });
}
