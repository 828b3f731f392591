import { defineCommand } from "../define-command";
import { readGivenKey, refuseSharedStdin } from "../input/key-input";
import { upOptions } from "../options/up-options";

/** `state move`: moves Terraform's state to the backend that the settings name. */
export const register = defineCommand({
  name: "move",
  summary: "move Terraform's state to the backend that the settings name; then deploy and check",
  options: [upOptions],
  needs: "lock",
  check: ({ options }) => refuseSharedStdin(options),
  input: ({ deployment, options }) => readGivenKey({ ...options, instance: deployment.instance }),
  run: async (call) => {
    const { runDeploy } = await import("../runs/up");
    return runDeploy("state move", call, call.input, call.options);
  },
});
