import { z } from "zod";
import { attempt } from "../core/attempt";

const diagnostic = z.object({
  severity: z.enum(["error", "warning"]),
  summary: z.string(),
  detail: z.string().default(""),
  address: z.string().optional(),
});

const resource = z.object({ addr: z.string() });

/** The lines of Terraform's machine-readable output (`-json`) that are shown to a person. */
const event = z.discriminatedUnion("type", [
  z.object({ type: z.literal("diagnostic"), diagnostic }),
  z.object({ type: z.literal("apply_start"), hook: z.object({ resource, action: z.string() }) }),
  z.object({ type: z.literal("provision_progress"), hook: z.object({ resource, output: z.string() }) }),
  z.object({ type: z.literal("resource_drift") }),
]);
type TerraformEvent = z.output<typeof event>;
export type Diagnostic = z.output<typeof diagnostic>;

/**
 * The event on a line of output; undefined for other kinds of lines, for text that is not JSON, and for Terraform's announcement of
 * a step's command, which says nothing of the step.
 */
export function parseEvent(line: string): TerraformEvent | undefined {
  const { data } = event.safeParse(attempt(() => JSON.parse(line)));
  return data?.type === "provision_progress" && data.hook.output.startsWith("local-exec: Executing:")
    ? undefined
    : data;
}
