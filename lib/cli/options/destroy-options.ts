import { adminTokenOptions } from "../input/admin-token";
import { instanceOptions, option, optionGroup, type ParsedBy, yesOption } from "./options";

export const destroyOptions = optionGroup(
  yesOption,
  option("--purge", "also remove Vault's data, the shares and the state; this cannot be undone"),
  instanceOptions,
  adminTokenOptions,
);
export type DestroyOptions = ParsedBy<typeof destroyOptions>;
