import { z } from "zod";
import { stackNames } from "../../model/home-paths";
import { defineRecord } from "./record";

/**
 * The adoption that is under way. It is written before the first resource is imported: from then on these states may be
 * incomplete.
 */
const schema = z.object({ stacks: z.array(z.enum(stackNames)).readonly(), since: z.iso.datetime() });
export const adoptionRecord = defineRecord("adoption", schema);
