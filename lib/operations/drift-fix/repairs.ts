import { installFiles, permit } from "./openclaw-files";
import type { Repair } from "./repair";
import { connect, disconnect, limitMemory, rename, retag } from "./repair-container";
import { protectFiles, restoreState } from "./repair-files";
import { identify, open, resetKv, resetMetadata, resetOperators, revokeRoots } from "./repair-vault";

/** All repairs, in the order in which they run. */
export const repairs: readonly Repair[] = [
  restoreState,
  retag,
  rename,
  limitMemory,
  connect,
  protectFiles,
  open,
  identify,
  resetOperators,
  permit,
  installFiles,
  resetMetadata,
  resetKv,
  disconnect,
  revokeRoots,
];
