import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StackName } from "../../../lib/model/home-paths";

/** An answer of Vault's, the engine's or OpenRouter's. */
export interface RecordedAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What real parts told of a host: all that a comparison reads, but for OpenClaw's files and those of the container's home. */
export interface Recording {
  /** By who was asked and what, such as `vault GET sys/mounts`. */
  readonly answers: Readonly<Record<string, RecordedAnswer>>;
  /** Terraform's plan of each stack, `null` if it has no change; a stack that could not be planned is missing. */
  readonly plans: Readonly<Partial<Record<StackName, unknown>>>;
  /** The files of the instance directory, by their path in it; `null` for one that is gone. */
  readonly files: Readonly<Record<string, unknown>>;
}

/** The recordings of a host as it was deployed, and of what each scripted drift changed of it. */
export interface Recordings {
  /** The versions of the parts that were recorded. */
  readonly of: Readonly<Record<string, string>>;
  readonly deployed: Recording;
  /** By the drift's name: only what differs from {@link deployed}. */
  readonly drifts: Readonly<Record<string, Recording>>;
}

export const recordingsFile = join(__dirname, "../../recorded/drifts.json");

export function readRecordings(): Recordings {
  return JSON.parse(readFileSync(recordingsFile, "utf8"));
}

/** The whole of what a host told after a drift. */
export function withChanges(deployed: Recording, changes: Recording): Recording {
  return {
    answers: { ...deployed.answers, ...changes.answers },
    // A plan that could not be made is no change.
    plans: changes.plans,
    files: { ...deployed.files, ...changes.files },
  };
}

/** What of a recording differs from another. */
export function changesSince(deployed: Recording, now: Recording): Recording {
  const differing = <T>(of: Readonly<Record<string, T>>, before: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      Object.entries(of).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])),
    );
  const gone = Object.keys(deployed.files).filter((name) => !(name in now.files));
  return {
    answers: differing(now.answers, deployed.answers),
    plans: now.plans,
    files: {
      ...differing(now.files, deployed.files),
      ...Object.fromEntries(gone.map((name) => [name, null])),
    },
  };
}

/**
 * By what an answer is found again.
 * @param identities the name of each identity by its role id, since a login names only that
 */
export function askedFor(
  url: string,
  { method = "GET", body, socketPath }: { method?: string; body?: unknown; socketPath?: string },
  identities: Readonly<Record<string, string>>,
): string {
  const { pathname, search } = new URL(url);
  const asked = decodeURIComponent(`${pathname}${search}`);
  if (socketPath !== undefined) return `engine ${method} ${asked}`;
  if (!pathname.startsWith("/v1/")) return `openrouter ${method} ${asked}`;
  const call = `vault ${method} ${asked.slice("/v1/".length)}`;
  if (typeof body !== "string" || body === "") return call;
  const { role_id: role } = JSON.parse(body);
  return `${call} ${role === undefined ? body : identities[role]}`;
}
