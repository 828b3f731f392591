import { decryptionOptions } from "../input/encryption-input";
import { sharesOptions } from "../input/shares-input";
import { trustOption } from "../trust";
import {
  collect,
  hostOptions,
  installOption,
  instanceOptions,
  option,
  optionGroup,
  type ParsedBy,
} from "./options";

export const restoreOptions = optionGroup(
  option("--from <file>", "the backup"),
  option("--force", "also restore a backup of another Vault than the current one"),
  option("--evict <name>", "take a host's access away before Vault serves; can be repeated", {
    parse: collect,
  }),
  option("--undo", "bring back the previous data, after a restore, rebuild or upgrade that did not finish", {
    conflicts: ["from", "force", "evict"],
  }),
  option("-y, --yes", "do not ask before the current data is replaced"),
  decryptionOptions,
  trustOption,
  installOption,
  instanceOptions,
  hostOptions,
  sharesOptions,
);
export type RestoreOptions = ParsedBy<typeof restoreOptions>;
