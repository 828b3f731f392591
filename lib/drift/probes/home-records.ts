import { existsSync } from "node:fs";
import { basename } from "node:path";
import { type HomePaths, stackNames } from "../../model/home-paths";
import { byPerson, drift } from "../finding";
import type { Probe } from "../probe";

/** The records that a deploy leaves in the instance directory, by which it is known later what was deployed. */
export const homeRecords: Probe = {
  id: "home.records",
  async inspect({ home, record }) {
    // A bare `cdktf deploy` leaves none.
    const areLeft = record !== undefined || stackNames.some((stack) => existsSync(home.deployedState(stack)));
    if (!areLeft) return [];
    return recordsOf(home)
      .filter(({ path }) => !existsSync(path))
      .map(({ path, knows, command }) =>
        drift({
          id: `home.gone:${basename(path)}`,
          severity: "major",
          subject: path,
          summary: `The record of ${knows} is gone: what changed of it since the last deploy cannot be told`,
          expected: "there",
          actual: "gone",
          fix: byPerson(command),
        }),
      );
  },
};

function recordsOf(home: HomePaths) {
  const up = "openclaw-openrouter up";
  return [
    { path: home.deployed, knows: "settings, secret and cluster", command: up },
    { path: home.key, knows: "the deployed key", command: `${up} --key-file FILE` },
    {
      path: home.installed,
      knows: "what was placed in OpenClaw's folder, and of how it was found,",
      command: `Put it back from a backup of the instance directory. What is there now is taken for the user's own by: ${up}`,
    },
  ];
}
