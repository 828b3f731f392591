import { z } from "zod";
import { stackNames } from "../model/home-paths";
import { defineRecord } from "./record";

/** Written before the first thing is taken over: what lies in these states from then on may be half of it. */
const schema = z.object({ stacks: z.array(z.enum(stackNames)).readonly(), since: z.iso.datetime() });
export type AdoptionRecord = z.output<typeof schema>;
export const adoptionRecord = defineRecord("adoption", schema);
