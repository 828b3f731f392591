import { existsSync } from "node:fs";
import { UserError } from "../core/errors";
import { writePrivateFile } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";
import { instanceWithId, writeInstance } from "../store/home";
import type { Contents } from "./contents";
import { memberNamed } from "./members";

/**
 * Fills the directory of a new instance with the files of a backup. Existing files stay. It writes the instance's record last:
 * until then, the directory does not count as an instance, and another run can fill it.
 */
export function fillHome(home: HomePaths, { files, manifest }: Contents): void {
  for (const [name, content] of files) {
    const path = memberNamed(name)?.path(home);
    if (path && path !== home.instance && !existsSync(path)) writePrivateFile(path, content);
  }
  writeInstance(home.root, manifest.instanceId, manifest.created);
}

/**
 * Requires an unused instance id, since the id labels containers and volumes. @throws UserError if another instance on this
 * host has it
 */
export function requireFreeId(instance: string, { manifest }: Contents): void {
  const other = instanceWithId(manifest.instanceId, instance);
  if (other === undefined) return;
  throw new UserError({
    problem: `The backup is of the instance ${other}, which is on this host. Nothing was changed.`,
    got: `a restore as ${instance}`,
    expected: "another host, or that instance's own name",
    fix: `openclaw-openrouter restore --instance ${other} --from FILE`,
  });
}
