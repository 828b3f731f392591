import { loopbackWarning } from "../../host/engine";
import { isLoopbackClosed } from "../../host/loopback-rule";
import { drift, NotLooked, type Probe } from "../finding";

/** The rule that keeps neighbours off the ports of this host's loopback, where the settings want it and the engine needs it. */
export const loopback: Probe = {
  id: "loopback",
  ofExisting: false,
  async look(context) {
    const { instance, settings } = context.deployed;
    if (!settings.vault.closeLoopback) return [];
    const { version } = await context.engine.api.info();
    if (!loopbackWarning(version)) return [];
    const isClosed = await isLoopbackClosed(instance);
    if (isClosed === undefined) throw new NotLooked("this user may not ask iptables");
    if (isClosed) return [];
    return [
      drift({
        id: "loopback.open",
        severity: "major",
        subject: "iptables, table raw, chain PREROUTING",
        seen: "Hosts on the same network segment reach Vault's port: the rule that dropped their packets is gone",
        declared: "dropped",
        found: "no rule, as after a reboot",
      }),
    ];
  },
};
