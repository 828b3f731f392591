import { z } from "zod";
import { defineRecord } from "./record";

const common = {
  started: z.iso.datetime(),
  /** The key that is rotated away. */
  old: z.object({
    sha256: z.string(),
    /** OpenRouter's own, where it was asked. */
    label: z.string().exactOptional(),
  }),
  /** How that one was declared: by this it is told whether Terraform did anything. */
  before: z.object({ generation: z.int(), version: z.int() }),
  /** How long the old key is kept once it was disabled, in seconds. */
  graceSeconds: z.int(),
};

/** A key that this program has OpenRouter make. */
const made = z.object({
  /** By which OpenRouter's API knows it, once it was made. */
  hash: z.string().exactOptional(),
  /** Unlike any other key's, so that one whose making was interrupted is found by it. */
  name: z.string(),
  /** The name that it has in the end. */
  finalName: z.string(),
});

const schema = z.discriminatedUnion("phase", [
  /** OpenRouter is asked for a new key, and its answer did not come yet. */
  z.object({ ...common, phase: z.literal("making"), made }),
  /** The new key is at hand, and is being tried and stored. */
  z.object({ ...common, phase: z.literal("ready"), key: z.string(), made: made.exactOptional() }),
  /** It is in Vault, and is being tried from there. */
  z.object({ ...common, phase: z.literal("stored"), sha256: z.string(), made: made.exactOptional() }),
  /** Something failed: the old key is being put back. */
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
