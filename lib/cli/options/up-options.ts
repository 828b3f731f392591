import { adminTokenOptions } from "../input/admin-token";
import { keyOptions, replaceKeyOption } from "../input/key-input";
import { sharesOptions } from "../input/shares-input";
import { hostOptions, installOption, instanceOptions, optionGroup, type ParsedBy } from "./options";

/** The options of every command that deploys. */
export const upOptions = optionGroup(
  instanceOptions,
  hostOptions,
  installOption,
  keyOptions,
  replaceKeyOption,
  sharesOptions,
  adminTokenOptions,
);
export type UpOptions = ParsedBy<typeof upOptions>;
