import { drift } from "../finding";
import { managedProbe } from "../probe";

/** Inspects that the engine's API, which is as good as root on this host, is not open on the network. */
export const engine = managedProbe("engine", async (context) => {
  const { openApis } = await context.engineInfo();
  return openApis.map(({ address, lacks }) =>
    drift(`engine.api:${address}`, "critical", "Docker Engine", {
      summary:
        "The engine's API is open on the network: whoever reaches it is root on this host, and reads the key",
      compared: [
        "its Unix socket alone, or TLS that verifies clients",
        `${address}, without ${lacks}`,
        "hosts",
      ],
      fix: "Remove the tcp:// address from `hosts` in /etc/docker/daemon.json and from `ExecStart` of docker.service, then: sudo systemctl restart docker",
    }),
  );
});
