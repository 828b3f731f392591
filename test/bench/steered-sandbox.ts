import { homePaths } from "../../lib/model/home-paths";
import { sandboxKey, sandboxManagementKey } from "../../lib/sandbox/serve";
import { startSandbox } from "../support/sandbox";

/** Serves the sandbox of an instance directory, which then takes faults. */
export async function main(root: string, port: number): Promise<void> {
  const home = homePaths(root);
  await startSandbox({
    port,
    stateFile: home.sandbox,
    key: sandboxKey(home),
    managementKey: sandboxManagementKey(home),
  });
}
