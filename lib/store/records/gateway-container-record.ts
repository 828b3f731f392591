import { z } from "zod";
import { defineRecord } from "./record";

/** The gateway's container as the last deploy found it, with what `drift` compares. */
const schema = z.object({
  container: z.string(),
  folder: z.string().startsWith("/"),
  uid: z.int(),
  gid: z.int(),
  node: z.string().startsWith("/"),
  /** The id of its image. */
  image: z.string(),
  /** The user that its configuration names; empty for root. */
  user: z.string(),
});
export type GatewayContainerRecord = z.output<typeof schema>;
export const gatewayContainerRecord = defineRecord("gatewayContainer", schema);
