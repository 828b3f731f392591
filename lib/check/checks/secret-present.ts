import { counted } from "../../core/text";
import { daysBetween } from "../../core/time";
import { inspectKey } from "../../model/openrouter-key";
import { fail, pass } from "../../report/finding";
import type { Check } from "../check";
import { warningsOf } from "../warnings";

const warn = warningsOf("secret.present");

export const secretPresent: Check = {
  id: "secret.present",
  why: "OpenClaw reads the key from secret/openrouter, exactly as stored.",
  needs: ["vault.unsealed"],
  async run(context) {
    const { rotationDays } = context.parameters;
    const { key, version } = await context.secret();
    const inspected = inspectKey(key);
    const age = Math.floor(daysBetween(await context.keySince(), context.now()));
    const what = `version ${version}, ${age <= 0 ? "of today" : `${counted(age, "day")} old`}`;
    if ("reason" in inspected) {
      return fail(
        `api_key is there (${what}), but it ${inspected.reason}`,
        `Store it again, as openrouter.ai shows it: openclaw-openrouter up --key-file FILE`,
      );
    }
    if (age > rotationDays) {
      return warn(
        "age",
        `api_key is there: ${what}, older than the rotation period of ${rotationDays} days`,
        "openclaw-openrouter key rotate, with a new key or a management key that creates one.",
      );
    }
    return pass(`api_key is there: ${what}, of the right form`);
  },
};
