import type { Step } from "../step";
import { again } from "./again";
import { anotherHost } from "./another-host";
import { backup, rebuild } from "./backup";
import { cdktf, npmDeploy } from "./cdktf";
import { diskFull } from "./disk-full";
import { drift } from "./drift";
import { firstCdktf } from "./first-cdktf";
import { firstDay } from "./first-day";
import { killedBackup, killedUp } from "./killed";
import { purge } from "./purge";
import { quiet } from "./quiet";
import { engine, reboot } from "./restarts";
import { restore } from "./restore";
import { schedule } from "./schedule";
import { up } from "./up";
import { upgrade } from "./upgrade";
import { verification } from "./verify";

/** In the order in which a host lives through them. */
export const steps: readonly Step[] = [
  ...[firstDay, up, again, verification, npmDeploy, cdktf, schedule, engine, reboot],
  ...[
    killedUp,
    killedBackup,
    diskFull,
    backup,
    rebuild,
    restore,
    firstCdktf,
    drift,
    quiet,
    anotherHost,
    upgrade,
    purge,
  ],
];
