import { z } from "zod";
import { defineRecord } from "./record";

const common = {
  started: z.iso.datetime(),
  /** The key that is rotated away. */
  old: z.object({
    sha256: z.string(),
    /** OpenRouter's label of the key, if it was asked. */
    label: z.string().exactOptional(),
  }),
  before: z.object({
    /** How the old key was declared: a difference shows that Terraform has changed something. */
    generation: z.int(),
    version: z.int(),
    /** When the old key was first stored. */
    since: z.iso.datetime(),
  }),
  /** The time between disabling and removing the old key, in seconds. */
  graceSeconds: z.int(),
};

/** A key that this program creates at OpenRouter. */
const made = z.object({
  /** The key's id in OpenRouter's API, once it is created. */
  hash: z.string().exactOptional(),
  /** A unique name, so that the key is found if creating it was interrupted. */
  name: z.string(),
  /** The name of the key after the rotation. */
  finalName: z.string(),
});

const schema = z.discriminatedUnion("phase", [
  /** OpenRouter was asked for a new key and has not answered yet. */
  z.object({ ...common, phase: z.literal("making"), made }),
  /** The new key is available, and is being tested and stored. */
  z.object({ ...common, phase: z.literal("ready"), key: z.string(), made: made.exactOptional() }),
  /** The new key is in Vault, and is being tested from there. */
  z.object({ ...common, phase: z.literal("stored"), sha256: z.string(), made: made.exactOptional() }),
  /** Something failed: the old key is being restored. */
  z.object({
    ...common,
    phase: z.literal("undoing"),
    sha256: z.string().exactOptional(),
    why: z.string(),
    made: made.exactOptional(),
  }),
]);

/** A rotation that is under way, or was interrupted. */
export type Rotation = z.output<typeof schema>;
export const rotationRecord = defineRecord("rotation", schema);
