import { existsSync } from "node:fs";
import { UserError } from "../core/errors";
import { writePrivateFile } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";
import { instanceHome, instances, readInstance, writeInstance } from "../store/home";
import type { Contents } from "./contents";
import { memberNamed } from "./members";

/**
 * Fills the directory of an instance that is not there yet with all that a backup has of one. What is there already stays. The
 * instance's record comes last: until then the directory is none of an instance, and the same again fills it.
 */
export function fillHome(home: HomePaths, { files, manifest }: Contents): void {
  for (const [name, content] of files) {
    const path = memberNamed(name)?.path(home);
    if (path && path !== home.instance && !existsSync(path)) writePrivateFile(path, content);
  }
  writeInstance(home.root, manifest.instanceId, manifest.created);
}

/** By its id containers and volumes are known as an instance's. @throws UserError if another instance here has it */
export function requireFreeId(instance: string, { manifest }: Contents): void {
  const other = instances().find(
    (name) => name !== instance && readInstance(instanceHome(name))?.id === manifest.instanceId,
  );
  if (other === undefined) return;
  throw new UserError({
    problem: `The backup is of the instance ${other}, which is on this host. Nothing was changed.`,
    got: `a restore as ${instance}`,
    expected: "another host, or that instance's own name",
    fix: `openclaw-openrouter restore --instance ${other} --from FILE`,
  });
}
