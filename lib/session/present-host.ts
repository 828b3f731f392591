import { existsSync } from "node:fs";
import { openBundle, partFile } from "../bundle/bundle";
import { ifError } from "../core/errors";
import { type ReachedEngine, reachEngine } from "../docker/engine";
import type { HostRecord } from "../store/records/host-record";
import { bundleTerraform, findTerraform, type TerraformProgram } from "../terraform/install";
import { type ProviderSource, providerSource } from "../terraform/providers";

/** The parts of a deploy that a host already has. */
export interface PresentHost {
  /** Undefined if none answers. */
  readonly engine: ReachedEngine | undefined;
  readonly program: TerraformProgram | undefined;
  /** Undefined if no deploy chose them, or the chosen ones are missing. */
  readonly providers: ProviderSource | undefined;
}

/** Inspects the host. Unlike `prepareHost`, it installs nothing, starts nothing and asks no registry. */
export async function presentHost(record: HostRecord | undefined): Promise<PresentHost> {
  const bundle = openBundle();
  const [found, search] = await Promise.all([reachEngine(), findTerraform(process.env, false)]);
  const bundledTerraform = bundleTerraform(bundle);
  const program = search.program ?? (existsSync(partFile(bundle, "opentofu")) ? bundledTerraform : undefined);
  const providers =
    program && record?.providers
      ? // The bundle was removed since.
        await providerSource(record.providers, program.kind, bundle).catch(
          ifError(Error, () => undefined, isAbsent),
        )
      : undefined;
  return { engine: found.state === "running" ? found.engine : undefined, program, providers };
}

function isAbsent({ code }: NodeJS.ErrnoException): boolean {
  return code === "ENOENT";
}
