import { defineCommand } from "../define-command";
import { adminTokenFrom, adminTokenOptions } from "../input/admin-token";
import { limitOption, readHostKey } from "../input/host-key-input";
import { keyOptions, refuseSharedStdin } from "../input/key-input";
import { sharesOptions } from "../input/shares-input";
import { durationOption, instanceOptions } from "../options/options";
import { describeCleanups } from "../pending-cleanups";
import { onOneHost } from "./host-invite";

const graceOption = durationOption("--grace <duration>", "how long the disabled old key is kept", 86_400);

/** `host rotate`: replaces the key of a host that uses this instance's Vault. */
export const register = defineCommand({
  name: "rotate",
  summary: "replace the key of a host that uses this Vault: the new one is tried and stored here",
  ...onOneHost,
  options: [limitOption, keyOptions, graceOption, instanceOptions, sharesOptions, adminTokenOptions],
  help: `With OPENROUTER_MANAGEMENT_KEY the new key is made, with the limit of the
current one; else give one by --key-file, --key-stdin or at the prompt. The
management key also disables and deletes the old key. Nothing changes on the
host: its gateway reads the new key when it starts, or there by
\`openclaw secrets reload\`.`,
  check: ({ options }) => refuseSharedStdin(options),
  input: ({ deployment, options }) => readHostKey(deployment, options, "The new OpenRouter key of this host"),
  run: async ({ context, options, command, input }) => {
    const { rotateHost } = await import("../../operations/hosts/rotate");
    const name = command.processedArgs[0] as string;
    const { host, key, pendingCleanups } = await rotateHost(context, {
      ...input,
      name,
      graceSeconds: options.grace,
      askAdminToken: adminTokenFrom(options),
    });
    return {
      json: { host: name, key, label: host.key?.label, pendingCleanups },
      text: [
        ...describeCleanups(pendingCleanups),
        `The key of ${name} with fingerprint ${key} is in Vault. A running gateway there uses the previous one until,
on ${name}: openclaw secrets reload`,
      ].join("\n"),
    };
  },
});
