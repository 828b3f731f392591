import { z } from "zod";
import type { DriftContext } from "../context";
import { byPerson, drift } from "../finding";
import type { Probe } from "../probe";
import { unreportedVersions } from "../stored-secret";

const configAnswer = z.object({ data: z.record(z.string(), z.unknown()) });

/** Compares how the mount `secret/` treats the versions of every secret in it. */
export const vaultKv: Probe = {
  id: "vault.kv",
  managedOnly: true,
  async inspect(context) {
    const config = await readConfig(context);
    return Object.entries(unreportedVersions).flatMap(([field, value]) => {
      const [expected, actual] = [String(value), String(config[field] ?? value)];
      if (expected === actual) return [];
      return [
        drift({
          id: `vault.kv:${field}`,
          severity: field === "delete_version_after" ? "major" : "minor",
          subject: "mount secret/",
          summary: `${field} of the mount secret/ differs from the deployed value`,
          field,
          expected,
          actual,
          ...(context.sharesAreHere
            ? {}
            : { fix: byPerson(`vault write secret/config ${field}=${expected}  (with a root token)`) }),
        }),
      ];
    });
  },
};

/** The configuration of the mount; empty if there is no such mount. */
async function readConfig(context: DriftContext): Promise<Readonly<Record<string, unknown>>> {
  const auditor = await context.auditor();
  return (await auditor.find({ path: "secret/config" }, configAnswer))?.data ?? {};
}
