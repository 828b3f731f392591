import { z } from "zod";
import type { HomePaths } from "../../model/home-paths";
import { defineRecord } from "./record";

/** The kinds of receivers. Each has a file in lib/operations/alerts/channels. */
const channelKinds = [
  "webhook",
  "slack",
  "discord",
  "mattermost",
  "ntfy",
  "telegram",
  "mail",
  "command",
] as const;
export type ChannelKind = (typeof channelKinds)[number];

const channel = z.object({
  /** Unique in the instance: the kind, and a number from the second on. */
  name: z.string(),
  kind: z.enum(channelKinds),
  /** The URL or the command line. A secret: whoever has it can send. */
  target: z.string(),
  /** Of a webhook: the key with which messages are signed, as the Standard Webhooks specification writes it: `whsec_…`. */
  signingKey: z.string().exactOptional(),
  added: z.iso.datetime(),
});
export type Channel = z.output<typeof channel>;

const alertChannels = z.object({
  channels: z.array(channel),
  /** The URL that each good scheduled check calls. */
  heartbeat: z.string().exactOptional(),
});
export type AlertChannels = z.output<typeof alertChannels>;

/** Where the instance's alerts go (`alerts.json`). It lies beside the instance, not in Vault: a sealed Vault must be told. */
export const channelsRecord = defineRecord("alerts", alertChannels);

export function readChannels(home: HomePaths): AlertChannels {
  return channelsRecord.read(home) ?? { channels: [] };
}
