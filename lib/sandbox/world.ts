import { writeJson } from "../core/files/files";
import { type CatalogueModel, initialCatalogue } from "./catalogue";
import type { SandboxExtension } from "./extension";
import { loadState, type SandboxState } from "./state";

/** One request that the sandbox answered. Holds no key, only its fingerprint (`keyFingerprint`). */
export interface RequestEntry {
  /** ISO 8601, by the sandbox's clock. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The key of the request; with its label if the sandbox knows it. */
  readonly key?: { readonly fingerprint: string; readonly label?: string };
  /** The requested model. */
  readonly model?: string;
  readonly stream?: boolean;
  readonly userAgent?: string;
}

/** A running sandbox without its server. */
export class World {
  readonly extension: SandboxExtension | undefined;
  readonly state: SandboxState;
  catalogue: CatalogueModel[] = [...initialCatalogue];

  constructor(
    private readonly stateFile: string | undefined,
    extend: ((world: World) => SandboxExtension) | undefined,
  ) {
    this.state = loadState(stateFile);
    this.extension = extend?.(this);
  }

  now(): Date {
    return this.extension?.now() ?? new Date();
  }

  /** Saves the state, if there is a state file. */
  save(): void {
    if (this.stateFile !== undefined) writeJson(this.stateFile, this.state);
  }
}
