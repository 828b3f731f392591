import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { describeBackend, type StateBackend } from "../config/backend";
import { settingsSchema } from "../config/settings";
import { UserError } from "../core/errors";
import type { Deployment } from "../model/deployment";
import { type HomePaths, stackNames } from "../model/home-paths";
import { deployedRecord } from "../store/records/deployed-record";

const recorded = z.object({ terraform: settingsSchema.shape.terraform });

/** The backend of the last deploy; undefined if there is no state yet. */
export function keptBackend(home: HomePaths): StateBackend | undefined {
  const { data } = recorded.safeParse(deployedRecord.read(home)?.settings);
  if (data) return data.terraform.backend;
  return stackNames.some((stack) => existsSync(home.state(stack)))
    ? { type: "local", config: {} }
    : undefined;
}

/** Whether the settings name another backend than the one that contains the states. */
export function isStateElsewhere({ home, settings }: Deployment): boolean {
  const kept = keptBackend(home);
  return kept !== undefined && !isDeepStrictEqual(kept, settings.terraform.backend);
}

/** @throws UserError if the settings name another backend than the one that contains the states */
export function requireStatePlace(deployment: Deployment): void {
  if (!isStateElsewhere(deployment)) return;
  const { home, settings, instance } = deployment;
  throw new UserError({
    problem: "The settings keep Terraform's state in another place than it is in. Nothing was changed.",
    got: describeBackend(settings.terraform.backend),
    expected: describeBackend(keptBackend(home)!),
    fix: `openclaw-openrouter state move --instance ${instance}\nwhich moves it there. Or undo the change of \`terraform.backend\`.`,
  });
}
