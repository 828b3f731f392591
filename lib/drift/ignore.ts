import { z } from "zod";
import { dateOf } from "../core/time";
import { drift, type Finding } from "./finding";
import { matches, type RootCause } from "./root-cause";

const entry = z.strictObject({
  id: z.string({ error: "the id of a finding; `*` stands for any part of it" }).min(1),
  reason: z.string({ error: "why it is ignored" }).regex(/\S/, "why it is ignored"),
  until: z.iso.date({ error: "the last day on which it is ignored, such as 2027-01-31" }),
});

/** The findings to ignore, each with the reason and the last day. */
export const ignoreFile = z.strictObject({ ignore: z.array(entry) });
export type IgnoreFile = z.output<typeof ignoreFile> & { readonly path: string };

interface Ignored {
  readonly finding: RootCause;
  readonly reason: string;
  readonly until: string;
}

/**
 * Removes the findings that the file names, with what follows from them. What follows and is critical, or could not be determined,
 * stays unless the file names it too: a container that is replaced on purpose is not the network that it was connected to since. An
 * expired entry ignores nothing and is a finding itself.
 */
export function applyIgnoreFile(
  findings: readonly RootCause[],
  file: IgnoreFile | undefined,
  now: Date,
): { readonly kept: RootCause[]; readonly ignored: Ignored[] } {
  if (!file) return { kept: [...findings], ignored: [] };
  const today = dateOf(now);
  const active = file.ignore.filter(({ until }) => until >= today);
  const kept: RootCause[] = [];
  const ignored: Ignored[] = [];
  for (const finding of findings) {
    const found = active.find(({ id }) => matches(id, finding.id));
    if (!found) {
      kept.push(finding);
      continue;
    }
    const stays = (each: Finding) =>
      (each.severity === "critical" || each.kind === "unknown") &&
      !active.some(({ id }) => matches(id, each.id));
    const follows = finding.follows.filter((each) => !stays(each));
    ignored.push({ finding: { ...finding, follows }, reason: found.reason, until: found.until });
    for (const { explains: _, ...each } of finding.follows.filter(stays)) kept.push({ ...each, follows: [] });
  }
  for (const { id, reason, until } of file.ignore) {
    if (until >= today) continue;
    const expired = drift(`ignore.expired:${id}`, "minor", file.path, {
      summary: `The entry for ${id} expired on ${until} (${reason})`,
      compared: [until, today, "until"],
      fix: "Remove the entry from the file, or set a later day.",
    });
    kept.push({ ...expired, follows: [] });
  }
  return { kept, ignored };
}
