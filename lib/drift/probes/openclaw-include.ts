import { overridesIn } from "../../openclaw/install";
import { byPerson, drift } from "../finding";
import { inFolder, joinedFile, openclawOf } from "../openclaw-file";
import type { Probe } from "../probe";

/** Whether the gateway's openclaw.json pulls the fragment in, and nothing in it wins over the fragment. */
export const openclawInclude: Probe = {
  id: "openclaw.include",
  async inspect(context) {
    const openclaw = openclawOf(context);
    if (!openclaw.installed) return [];
    return inFolder(openclaw, (folder) => {
      const include = joinedFile(openclaw, folder, "openclaw.json", {
        id: "openclaw.include",
        severity: "major",
        summary:
          "The gateway's openclaw.json does not include our fragment: OpenClaw has no key and no models of ours",
        mode: undefined,
      });
      if (include.length > 0) return include;
      return overridesIn(folder).values.map(({ name, file, line }) =>
        drift({
          id: `openclaw.shadowed:${name}`,
          severity: "major",
          subject: file,
          summary: `A value of the user's own wins over the fragment's ${name}`,
          field: name,
          expected: "the fragment's",
          actual: `${file}, line ${line}`,
          fix: byPerson(`Take it out of ${file}, line ${line}; or leave it, and ignore this finding.`),
        }),
      );
    });
  },
};
