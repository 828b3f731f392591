import { loopbackWarning } from "../../docker/engine";
import { isLoopbackClosed } from "../../host/loopback-rule";
import { drift, ProbeSkipped } from "../finding";
import { managedProbe } from "../probe";

/** Inspects the rule that closes the loopback's ports to neighbours, if the settings want it and the engine needs it. */
export const loopback = managedProbe("loopback", async (context) => {
  const { instance, settings } = context.deployed;
  if (!settings.vault.closeLoopback) return [];
  if (!loopbackWarning(await context.engineInfo())) return [];
  const isClosed = await isLoopbackClosed(instance);
  if (isClosed === undefined) throw new ProbeSkipped("this user has no permission to run iptables");
  return (
    !isClosed &&
    drift("loopback.open", "major", "iptables, table raw, chain PREROUTING", {
      summary:
        "Hosts on the same network segment reach Vault's port: the rule that dropped their packets is gone",
      compared: ["dropped", "no rule, as after a reboot"],
    })
  );
});
