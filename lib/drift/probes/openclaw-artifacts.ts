import { inFolder, joinedFile, openclawOf } from "../openclaw-file";
import type { Probe } from "../probe";

/** What was placed in OpenClaw's folder: our sections in the setup guide's file, and the fragment. */
export const openclawArtifacts: Probe = {
  id: "openclaw.artifacts",
  async inspect(context) {
    const severity = "major";
    const openclaw = openclawOf(context);
    return inFolder(openclaw, (folder) => [
      ...joinedFile(openclaw, folder, "config.json", {
        id: "openclaw.guide",
        severity,
        summary: "Our sections of the setup guide's config.json are not what was deployed",
        mode: 0o600,
      }),
      ...joinedFile(openclaw, folder, "openrouter.json5", {
        id: "openclaw.fragment",
        severity,
        summary:
          "The gateway's fragment is not what was deployed: it names other models, or another way to the key",
        mode: 0o600,
      }),
    ]);
  },
};
