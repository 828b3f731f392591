import type { ScriptedDrift } from "./scripted-drift";

/** What nothing brings back. */
export const lostDrifts: readonly ScriptedDrift[] = [
  {
    name: "the mount disabled",
    line: "as_root secrets disable secret",
    cause: "vault.mount:secret",
    fix: null,
  },
  {
    name: "the data volume gone",
    line: "docker rm -f $C && docker volume rm $C-data",
    cause: "volume.data",
    fix: null,
  },
];
