import { join } from "node:path";
import type { BenchHost } from "../host";
import type { Way } from "./way";

/** This program. Both deploys end with the whole check. */
export function ownWay(host: BenchHost): Way {
  return {
    name: "this program",
    steps: {
      "first deploy": () => host.command(["up"]),
      "nothing to do": () => host.command(["up"]),
      drift: () => host.command(["drift"]),
      synth: () => host.command(["synth", "--out", join(host.folder, "cdktf.out")]),
    },
    reset: () => host.reset(),
  };
}
