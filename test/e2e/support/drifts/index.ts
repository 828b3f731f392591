import { accessDrifts } from "./access";
import { containerDrifts } from "./container";
import { instanceDrifts } from "./instance";
import { keyDrifts } from "./key";
import { lostDrifts } from "./lost";
import { openclawDrifts } from "./openclaw";
import type { ScriptedDrift } from "./scripted-drift";
import { vaultDrifts } from "./vault";

export { isLeftOver, type ScriptedDrift } from "./scripted-drift";

/** In the order in which a real host is put through them: what is lost comes last. */
export const scriptedDrifts: readonly ScriptedDrift[] = [
  ...containerDrifts,
  ...vaultDrifts,
  ...openclawDrifts,
  ...instanceDrifts,
  ...keyDrifts,
  ...accessDrifts,
  ...lostDrifts,
];
