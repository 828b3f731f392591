import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "../model/deployment";
import { sha256 } from "../model/fingerprint";
import { stackNames } from "../model/home-paths";

/** What was declared last, but for what is the host's own: the same settings and key give the same text on every host. */
export function declarationText({ home, openclawFolder }: Deployment, instanceId: string): string {
  const own = [
    [openclawFolder, "<openclaw folder>"],
    [home.root, "<home>"],
    [instanceId, "<instance id>"],
  ] as const;
  return stackNames
    .map((stack) => {
      const text = readFileSync(join(home.cdktfOut, "stacks", stack, "cdk.tf.json"), "utf8");
      return own.reduce((rest, [value, name]) => rest.replaceAll(value, name), text);
    })
    .join("\n");
}

/** {@link declarationText} by its SHA-256. */
export function declarationDigest(deployment: Deployment, instanceId: string): string {
  return sha256(declarationText(deployment, instanceId));
}
