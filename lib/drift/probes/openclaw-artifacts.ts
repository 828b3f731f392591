import type { Probe } from "../finding";
import { inFolder, joinedFile, openclawOf } from "../openclaw-file";

/** What was placed in OpenClaw's folder: our sections in the guide's file, and the fragment. */
export const openclawArtifacts: Probe = {
  id: "openclaw.artifacts",
  async look(context) {
    const severity = "major";
    const openclaw = openclawOf(context);
    return inFolder(openclaw, (folder) => [
      ...joinedFile(openclaw, folder, "config.json", {
        id: "openclaw.guide",
        severity,
        seen: "Our sections of the guide's config.json are not what was deployed",
        mode: 0o600,
      }),
      ...joinedFile(openclaw, folder, "openrouter.json5", {
        id: "openclaw.fragment",
        severity,
        seen: "The gateway's fragment is not what was deployed: it names other models, or another way to the key",
        mode: 0o600,
      }),
    ]);
  },
};
