import { keysPage } from "../../model/openrouter-key";
import { defineCommand } from "../define-command";
import { adminTokenFrom, adminTokenOptions } from "../input/admin-token";
import { readManagementKey } from "../input/key-input";
import { sharesOptions } from "../input/shares-input";
import { instanceOptions, option, yesOption } from "../options/options";
import { describeCleanups } from "../pending-cleanups";
import { onOneHost } from "./host-invite";

/** `host evict`: takes a host's access away. */
export const register = defineCommand({
  name: "evict",
  summary: "take a host's access to this Vault away at once, and disable its key",
  ...onOneHost,
  options: [
    option("--purge", "remove its secret from Vault as well"),
    yesOption,
    instanceOptions,
    sharesOptions,
    adminTokenOptions,
  ],
  help: `With OPENROUTER_MANAGEMENT_KEY of its account the host's key is disabled.
Without it, the key works until a person disables it: the host may have kept it.`,
  question: ({ command }) =>
    `This ends the access of the host ${command.processedArgs[0]} to Vault: its OpenClaw gets no key any more.`,
  run: async ({ context, deployment, options, command }) => {
    const { evict } = await import("../../operations/hosts/evict");
    const name = command.processedArgs[0] as string;
    const managementKey = await readManagementKey(deployment);
    const { host, key, pendingCleanups } = await evict(context, {
      name,
      purge: options.purge === true,
      askAdminToken: adminTokenFrom(options),
      ...(managementKey === undefined ? {} : { managementKey }),
    });
    const of = host.key ? `, ${host.key.label},` : "";
    const ended = `The host ${name} has no access to Vault any more`;
    const outcome = {
      disabled: `${ended}, and its key${of} is disabled.`,
      left: `${ended}. Its key${of} still works, and the host may\nhave kept it: disable it at ${keysPage}`,
      none: `${ended}. It never had a key.`,
    };
    return {
      json: { evicted: name, key, pendingCleanups },
      text: [...describeCleanups(pendingCleanups), outcome[key]].join("\n"),
    };
  },
});
