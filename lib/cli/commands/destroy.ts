import { defineCommand } from "../define-command";
import { hostParts } from "../environment";
import { destroyOptions } from "../options/destroy-options";

/** `destroy`: removes the container and OpenClaw's files; with `--purge` everything. */
export const register = defineCommand({
  name: "destroy",
  summary: "remove the container and OpenClaw's files; Vault's data, shares and state stay",
  options: [destroyOptions],
  needs: "lock",
  uses: hostParts,
  onJoined: true,
  asksForShares: false,
  question: async ({ deployment, options }) =>
    (await import("../runs/destroy")).removalQuestion(deployment, options),
  run: async (call) => (await import("../runs/destroy")).removeInstance(call, call.options),
});
