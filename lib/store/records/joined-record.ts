import { z } from "zod";
import { hostName } from "../../model/hosts";
import { defineRecord } from "./record";

/** Set if this instance is a host that joined another instance's Vault by an invitation. */
const schema = z.object({
  name: hostName,
  /** How the names of the inviting instance begin in Vault. */
  prefix: z.string(),
  role: z.string(),
  /** Vault's own id of its data. */
  clusterId: z.string(),
  since: z.iso.datetime(),
});
export const joinedRecord = defineRecord("joined", schema);
