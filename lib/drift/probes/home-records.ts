import { existsSync } from "node:fs";
import { basename } from "node:path";
import { type HomePaths, stackNames } from "../../model/home-paths";
import { gone } from "../finding";
import { probe } from "../probe";

/** Inspects the records of a deploy in the instance directory, which later commands compare with. */
export const homeRecords = probe("home.records", ({ home, record }) => {
  // A plain `cdktf deploy` leaves no records.
  const areLeft = record !== undefined || stackNames.some((stack) => existsSync(home.deployedState(stack)));
  const missing = areLeft ? recordsOf(home).filter(({ path }) => !existsSync(path)) : [];
  return missing.map(({ path, knows, command }) =>
    gone(`home.gone:${basename(path)}`, "major", path, {
      summary: `The record of ${knows} is gone: changes since the last deploy cannot be determined`,
      fix: command,
    }),
  );
});

function recordsOf(home: HomePaths) {
  const up = "openclaw-openrouter up";
  return [
    { path: home.deployed, knows: "settings, secret and cluster", command: up },
    { path: home.key, knows: "the deployed key", command: `${up} --key-file FILE` },
    {
      path: home.installed,
      knows: "what was installed in OpenClaw's folder, and of the previous files,",
      command: `Restore it from a backup of the instance directory. Without one, this treats the present files as the user's own: ${up}`,
    },
  ];
}
