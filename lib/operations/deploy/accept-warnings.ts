import type { CheckId } from "../../config/check-ids";
import { wrap } from "../../core/text";
import type { Deployment } from "../../model/deployment";
import type { CheckReport } from "../../report/check-report";
import { offersRecord } from "../../store/records/offers";
import { settingsPlace, withOptions, writeSettings } from "./settings-place";

/** The checks whose warnings can be meant. The others tell of something that one command ends, or that changes by itself. */
const choices: ReadonlySet<CheckId> = new Set([
  "vault.identities",
  "docker.exec",
  "budget.limit",
  "models.known",
  "openclaw.gateway",
  "openclaw.user",
]);

export interface AcceptOptions {
  readonly deployment: Deployment;
  readonly check: CheckReport;
  /** Asks a person for a reason; "" accepts nothing. */
  readonly askReason: (question: string) => Promise<string>;
  /** Prints a line for the person. */
  readonly say: (line: string) => void;
}

/**
 * Offers, once for each check, to accept a warning that can be meant: the typed reason goes into `check.accepted` of the
 * settings, and from then on the check passes with it.
 * @returns the ids of the checks whose warnings were accepted now
 */
export async function offerToAccept(options: AcceptOptions): Promise<readonly string[]> {
  const { deployment, check, askReason, say } = options;
  const { home, instance } = deployment;
  const offers = offersRecord.read(home);
  const open = check.results.filter(
    ({ id, status }) => status === "warn" && choices.has(id) && !offers?.warnings?.includes(id),
  );
  if (open.length === 0) return [];
  const warnings = [...(offers?.warnings ?? []), ...open.map(({ id }) => id)];
  const accepted: { id: string; reason: string }[] = [];
  for (const { id, summary } of open) {
    say(wrap(`${id} warns: ${summary}.`, 78).join("\n  "));
    const reason = await askReason("If that is meant, type why, and it warns no more (Enter: it goes on):");
    if (reason !== "") accepted.push({ id, reason });
  }
  offersRecord.write(home, { ...offers, warnings });
  if (accepted.length === 0) return [];
  const place = settingsPlace(deployment);
  const text = withOptions(place, instance, [{ group: "check", name: "accepted", value: accepted }]);
  if (text === undefined) {
    say(
      `Add this to \`check.accepted\` in ${place.path}: ${accepted.map((each) => JSON.stringify(each)).join(", ")}`,
    );
    return [];
  }
  writeSettings(place, text);
  say(
    `Accepted in ${place.path}: ${accepted.map(({ id }) => id).join(", ")}. \`status\` lists what is accepted.`,
  );
  return accepted.map(({ id }) => id);
}
