import { existsSync } from "node:fs";
import { basename } from "node:path";
import { stackNames } from "../../model/home-paths";
import { gone } from "../finding";
import { probe } from "../probe";

/** Inspects the records of a deploy in the instance directory, which later commands compare with. */
export const homeRecords = probe("home.records", ({ home, record }) => {
  // A plain `cdktf deploy` leaves no records.
  const areLeft = record !== undefined || stackNames.some((stack) => existsSync(home.deployedState(stack)));
  const up = "openclaw-openrouter up";
  const restore =
    "Restore it from a backup of the instance directory. Without one, this treats the present files as the user's own";
  const records = [
    [home.deployed, "settings, secret and cluster", up],
    [home.key, "the deployed key", `${up} --key-file FILE`],
    [
      home.installed,
      "what was installed in OpenClaw's folder, and of the previous files,",
      `${restore}: ${up}`,
    ],
  ] as const;
  const missing = areLeft ? records.filter(([path]) => !existsSync(path)) : [];
  return missing.map(([path, knows, fix]) =>
    gone(`home.gone:${basename(path)}`, "major", path, {
      summary: `The record of ${knows} is gone: changes since the last deploy cannot be determined`,
      fix,
    }),
  );
});
