import { defineCommand } from "../define-command";
import { readGivenKey, refuseSharedStdin } from "../input/key-input";
import { runDeploy, upOptions } from "./up";

/** `state move`: moves Terraform's state to the backend that the settings name. */
export const register = defineCommand({
  name: "move",
  summary: "move Terraform's state to the backend that the settings name; then deploy and check",
  options: [upOptions],
  needs: "lock",
  check: ({ options }) => refuseSharedStdin(options),
  input: ({ deployment, options }) => readGivenKey({ ...options, instance: deployment.instance }),
  run: (call) => runDeploy("state move", call, call.input, call.options),
});
