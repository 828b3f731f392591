import { inFolder, joinedFile, openclawOf } from "../openclaw-file";
import { everyProbe } from "../probe";

/** Inspects the two files in OpenClaw's folder: this program's sections in the setup guide's file, and the fragment. */
export const openclawArtifacts = everyProbe("openclaw.artifacts", (context) => {
  const openclaw = openclawOf(context);
  return inFolder(openclaw, (folder) => [
    ...joinedFile(openclaw, folder, "config.json", {
      id: "openclaw.guide",
      severity: "major",
      summary: "The managed sections of the setup guide's config.json differ from the deployed ones",
      mode: () => 0o600,
    }),
    ...joinedFile(openclaw, folder, "openrouter.json5", {
      id: "openclaw.fragment",
      severity: "major",
      summary:
        "The gateway's fragment differs from the deployed one: other models, or another way to the key",
      mode: () => 0o600,
    }),
  ]);
});
