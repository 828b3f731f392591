import type { ScriptedDrift } from "../../e2e/support/drifts";

/** The files of the instance directory that comparisons with answers read. None of them holds a secret. */
export const recordedFiles = [
  "instance.json",
  "host.json",
  "deployed.json",
  "key.json",
  "budget.json",
  "access.json",
  "shares-record.json",
  "openrouter.settings.json",
  "terraform/vault.tfstate",
  "terraform/openrouter.tfstate",
  "terraform/vault.deployed.tfstate",
  "terraform/openrouter.deployed.tfstate",
];

/** The findings that follow from answers of Vault, the engine and OpenRouter, from plans and states. All others are of files. */
const ofAnswers = /^(container|network|volume|image|vault|secret|credentials|key|state)\b/;

/** Files that are read in a volume, credentials in the instance directory; and what depends on the time since a start. */
const notOfAnswers = /^(volume\.home-file|credentials\.deployer|container\.restarting)\b/;

/** A state that cannot be read, and a namespace of a container that is gone: the kernel alone knows whose it is. */
const notRecorded = /cut short|in the namespace of one/;

/** Whether a drift shows in what was recorded. */
export function isPlayed({ cause, name }: ScriptedDrift): boolean {
  return ofAnswers.test(cause) && !notOfAnswers.test(cause) && !notRecorded.test(name);
}
