import { existsSync } from "node:fs";
import { type ReachedEngine, reachEngine } from "./engine";
import { openKit, partFile } from "./kit";
import type { HostRecord } from "./prepare";
import { type ProviderSource, providerSource } from "./providers";
import { findTerraform, kitTerraform, type TerraformProgram } from "./terraform";

/** What a host has of what a deploy takes from it. */
export interface PresentHost {
  /** Undefined where none answers. */
  readonly engine: ReachedEngine | undefined;
  readonly program: TerraformProgram | undefined;
  /** Undefined where no deploy chose them, or what it chose is gone. */
  readonly providers: ProviderSource | undefined;
}

/** Looks at what is there. Unlike `prepareHost` it obtains nothing, starts nothing and asks no registry. */
export async function presentHost(record: HostRecord | undefined): Promise<PresentHost> {
  const kit = openKit();
  const [found, search] = await Promise.all([reachEngine(), findTerraform(process.env, false)]);
  const kits = kitTerraform(kit);
  const program = search.program ?? (existsSync(partFile(kit, "opentofu")) ? kits : undefined);
  const providers =
    program && record?.providers
      ? await providerSource(record.providers, program.kind, kit).catch(absent)
      : undefined;
  return {
    engine: found.state === "running" ? found.engine : undefined,
    program,
    providers,
  };
}

/** The kit was thrown away since. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
