import { counted } from "../../core/text";
import { daysBetween, minuteOf } from "../../core/time";
import { inspectKey } from "../../model/openrouter-key";
import { combine, fail } from "../../report/finding";
import type { Check } from "../check";
import { warningsOf } from "../warnings";

const warn = warningsOf("secret.present");

export const secretPresent: Check = {
  id: "secret.present",
  why: "OpenClaw reads the key from secret/openrouter, exactly as stored.",
  needs: ["vault.unsealed"],
  async run(context) {
    const { rotationDays } = context.parameters;
    const { key, version, ends } = await context.secret();
    const inspected = inspectKey(key);
    const age = Math.floor(daysBetween(await context.keySince(), context.now()));
    const what = `version ${version}, ${age <= 0 ? "of today" : `${counted(age, "day")} old`}`;
    if ("reason" in inspected) {
      return fail(
        `api_key is there (${what}), but it ${inspected.reason}`,
        `Store it again, as openrouter.ai shows it: openclaw-openrouter up --key-file FILE`,
      );
    }
    const there = `api_key is there: ${what}`;
    return combine(`${there}, of the right form`, [
      age > rotationDays &&
        warn(
          "age",
          `${there}, older than the rotation period of ${rotationDays} days`,
          "openclaw-openrouter key rotate, with a new key or a management key that creates one.",
        ),
      // `drift` tells it of an instance's own Vault, and leaves an external one's settings to its owner.
      ends !== "" &&
        warn(
          "ends",
          `${there}, which Vault deletes on ${minuteOf(ends)}: then OpenClaw has no key`,
          "Set delete_version_after of the mount secret/ (`vault read secret/config`) and of the secret to 0s, then: openclaw-openrouter key rotate",
        ),
    ]);
  },
};
