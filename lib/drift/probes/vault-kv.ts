import { z } from "zod";
import { compareFields } from "../../core/compare-fields";
import { drift } from "../finding";
import { managedProbe } from "../probe";
import { unreportedVersions } from "../stored-secret";

const configAnswer = z.object({ data: z.record(z.string(), z.unknown()) });

/** Compares how the mount `secret/` treats the versions of every secret in it. */
export const vaultKv = managedProbe("vault.kv", async (context) => {
  const auditor = await context.auditor();
  // Without such a mount there is no configuration, which another probe reports.
  const config = (await auditor.find({ path: "secret/config" }, configAnswer))?.data ?? {};
  const fields = Object.entries(unreportedVersions);
  return compareFields(fields.map(([field, value]) => [field, value, config[field] ?? value])).map(
    (difference) => {
      const isExpiry = difference.field === "delete_version_after";
      return drift(`vault.kv:${difference.field}`, isExpiry ? "major" : "minor", "mount secret/", {
        ...difference,
        summary: `${difference.field} of the mount secret/ differs from the deployed value`,
        // A key that is written again before that gets an end again.
        explains: isExpiry ? ["secret.expires"] : [],
        fix: context.sharesAreHere
          ? undefined
          : `vault write secret/config ${difference.field}=${difference.expected}  (with a root token)`,
      });
    },
  );
});
