import { z } from "zod";
import { defineRecord } from "./record";

/** What was offered to a person: it is offered once. */
export const offersRecord = defineRecord(
  "offers",
  z.object({
    /** When, ISO 8601. */
    schedules: z.iso.datetime().exactOptional(),
    /** The warnings that could be accepted, each the id of its check and its name. */
    warnings: z.array(z.string()).exactOptional(),
  }),
);
