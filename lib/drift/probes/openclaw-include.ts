import { overridesIn } from "../../openclaw/install";
import { drift } from "../finding";
import { inFolder, joinedFile, openclawOf } from "../openclaw-file";
import { probe } from "../probe";

/** Inspects that the gateway's openclaw.json includes the fragment, and that no value in it overrides the fragment. */
export const openclawInclude = probe("openclaw.include", (context) => {
  const openclaw = openclawOf(context);
  if (!openclaw.installed) return [];
  return inFolder(openclaw, (folder) => {
    const include = joinedFile(openclaw, folder, "openclaw.json", {
      id: "openclaw.include",
      severity: "major",
      summary:
        "The gateway's openclaw.json does not include the fragment: OpenClaw has neither the key nor the deployed models",
      mode: undefined,
    });
    if (include.length > 0) return include;
    return overridesIn(folder).values.map(({ name, file, line }) =>
      drift(`openclaw.shadowed:${name}`, "major", file, {
        summary: `A value of the user's own overrides the fragment's ${name}`,
        compared: ["the fragment's", `${file}, line ${line}`, name],
        fix: `Remove it from ${file}, line ${line}; or keep it and ignore this finding.`,
      }),
    );
  });
});
