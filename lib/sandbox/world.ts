import { type CatalogueModel, initialCatalogue } from "./catalogue";
import { SandboxClock } from "./clock";
import { Faults } from "./faults";
import { loadState, type SandboxState, saveState } from "./state";

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

/** The number of logged requests. */
const logLength = 1000;

/** A running sandbox without its server. */
export class World {
  readonly clock = new SandboxClock();
  readonly faults = new Faults();
  readonly state: SandboxState;
  catalogue: CatalogueModel[] = [...initialCatalogue];
  requests: RequestEntry[] = [];

  constructor(private readonly stateFile: string | undefined) {
    this.state = loadState(stateFile);
  }

  now(): Date {
    return this.clock.now();
  }

  /** Saves the state, if there is a state file. */
  save(): void {
    if (this.stateFile !== undefined) saveState(this.stateFile, this.state);
  }

  log(entry: RequestEntry): void {
    this.requests = [...this.requests, entry].slice(-logLength);
  }
}
