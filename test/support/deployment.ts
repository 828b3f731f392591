import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { settingsSchema } from "../../lib/config/settings";
import { type Deployment, deployment } from "../../lib/model/deployment";
import { homePaths } from "../../lib/model/home-paths";
import { ensureInstance } from "../../lib/store/home";

/** A key of the form of a real one, which nothing may show. */
export const canary = `sk-or-v1-${"0a1b2c3d4e5f6978".repeat(4)}`;

/** A deployment by settings, without a file being read or written. */
export function describeInstance(
  settings: object = {},
  { instance = "default", home = "/homes/default", userHome = "/home/ada" } = {},
): Deployment {
  return deployment(instance, settingsSchema.parse(settings), home, userHome);
}

/** What an instance's home holds of the key. */
export function homeOf(folder: string) {
  return describeInstance({}, { home: join(folder, "home") }).home;
}

/** Makes an instance directory as a deploy leaves it that was killed at its first run of Terraform. */
export function beginInstance(root: string): void {
  ensureInstance(root);
  mkdirSync(homePaths(root).terraform);
}
