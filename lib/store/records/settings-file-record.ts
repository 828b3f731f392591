import { z } from "zod";
import { defineRecord } from "./record";

/** The settings file of the last deploy, if it is outside the instance directory. It belongs to this host: no backup has it. */
export const settingsFileRecord = defineRecord(
  "settingsFile",
  z.object({ file: z.string().startsWith("/") }),
);
