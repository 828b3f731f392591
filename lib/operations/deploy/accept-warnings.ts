import type { CheckId } from "../../config/check-ids";
import { namesWarning, onlyWarning } from "../../config/check-warnings";
import { parseSettings } from "../../config/file";
import type { Settings } from "../../config/settings";
import { isObject } from "../../core/is-object";
import { wrap } from "../../core/text";
import type { HomePaths } from "../../model/home-paths";
import type { CheckReport } from "../../report/check-report";
import type { EngineContext } from "../../session/context";
import { deployedRecord } from "../../store/records/deployed-record";
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

interface AcceptOptions extends Pick<EngineContext, "deployment" | "say"> {
  readonly check: CheckReport;
  /** Asks a person for a reason; "" accepts nothing. */
  readonly askReason: (question: string) => Promise<string>;
}

/**
 * Offers, once for each warning, to accept one that can be meant: the typed reason goes into `check.accepted` of the settings, and
 * from then on it passes. Those of one check are one question.
 * @returns the ids of the checks whose warnings were all accepted now
 */
export async function offerToAccept(options: AcceptOptions): Promise<readonly string[]> {
  const { deployment, check, askReason, say } = options;
  const { home, instance } = deployment;
  const offers = offersRecord.read(home);
  const offered = new Set(offers?.warnings);
  // One that was accepted until a day that is over has its entry already.
  const hasEntry = (id: CheckId, found: string) =>
    deployment.settings.check.accepted.some(
      (each) => each.id === id && namesWarning(each.warning ?? onlyWarning(id) ?? "", found),
    );
  const open = check.results.flatMap(({ id, status, warnings = [] }) => {
    const fresh = warnings.filter(
      ({ warning }) => !offered.has(nameOf(id, warning)) && !hasEntry(id, warning),
    );
    return status === "warn" && choices.has(id) && fresh.length > 0
      ? [{ id, fresh, areAll: fresh.length === warnings.length }]
      : [];
  });
  if (open.length === 0) return [];
  const accepted: { id: CheckId; warning: string; reason: string }[] = [];
  for (const { id, fresh } of open) {
    say(wrap(`${id} warns: ${fresh.map(({ summary }) => summary).join("; ")}.`, 78).join("\n  "));
    const reason = await askReason("If that is meant, type why, and it warns no more (Enter: it goes on):");
    if (reason !== "") accepted.push(...fresh.map(({ warning }) => ({ id, warning, reason })));
  }
  const names = open.flatMap(({ id, fresh }) => fresh.map(({ warning }) => nameOf(id, warning)));
  offersRecord.write(home, { ...offers, warnings: [...offered, ...names] });
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
  recordAccepted(home, parseSettings(text, place.path, instance).check.accepted);
  say(
    `Accepted in ${place.path}: ${accepted.map(({ id, warning }) => nameOf(id, warning)).join(", ")}. \`status\` lists what is accepted.`,
  );
  return open
    .filter(({ id, areAll }) => areAll && accepted.some((each) => each.id === id))
    .map(({ id }) => id);
}

/** Records it as deployed, which it is from the next check on: else `drift` would say that this very deploy left something out. */
function recordAccepted(home: HomePaths, accepted: Settings["check"]["accepted"]): void {
  const record = deployedRecord.read(home);
  const { settings } = record ?? {};
  if (!record || !settings) return;
  const check = { ...(isObject(settings.check) ? settings.check : {}), accepted };
  deployedRecord.write(home, { ...record, settings: { ...settings, check } });
}

/** A warning of any check, as one text. */
function nameOf(id: CheckId, warning: string): string {
  return `${id} ${warning}`;
}
