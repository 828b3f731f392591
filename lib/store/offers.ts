import { z } from "zod";
import { defineRecord } from "./record";

/** What was offered to a person, and when: it is offered once. */
export const offersRecord = defineRecord("offers", z.object({ schedules: z.iso.datetime().exactOptional() }));
