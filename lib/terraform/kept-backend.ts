import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { settingsSchema } from "../config/settings";
import { describeBackend, type StateBackend } from "../config/state-backend";
import { UserError } from "../core/errors";
import type { Deployment } from "../model/deployment";
import { type HomePaths, stackNames } from "../model/home-paths";
import { deployedRecord } from "../store/deployed-record";

const recorded = z.object({ terraform: settingsSchema.shape.terraform });

/** Where the states were kept by the last deploy; undefined where none left any. */
export function keptBackend(home: HomePaths): StateBackend | undefined {
  const { data } = recorded.safeParse(deployedRecord.read(home)?.settings);
  if (data) return data.terraform.backend;
  return stackNames.some((stack) => existsSync(home.state(stack)))
    ? { type: "local", config: {} }
    : undefined;
}

/** Whether the settings name another place for the states than the one in which they are. */
export function isStateElsewhere({ home, settings }: Deployment): boolean {
  const kept = keptBackend(home);
  return kept !== undefined && !isDeepStrictEqual(kept, settings.terraform.backend);
}

/** @throws UserError where the settings name another place for the states than the one in which they are */
export function requireStatePlace(deployment: Deployment): void {
  if (!isStateElsewhere(deployment)) return;
  const { home, settings, instance } = deployment;
  throw new UserError({
    problem: "The settings keep Terraform's state in another place than it is in. Nothing was changed.",
    got: describeBackend(settings.terraform.backend),
    expected: describeBackend(keptBackend(home)!),
    fix: `openclaw-openrouter state move --instance ${instance}\nwhich moves it there; or take the change of terraform.backend back`,
  });
}
