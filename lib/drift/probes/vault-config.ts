import { z } from "zod";
import { auditedHeaders } from "../../model/own-vault";
import { auditedHeadersAnswer, auditedHeadersPath, corsPath } from "../../vault/write-own-vault";
import { drift } from "../finding";
import { managedProbe } from "../probe";

const corsAnswer = z.object({
  data: z.object({ enabled: z.boolean(), allowed_origins: z.array(z.string()).nullish() }),
});

/** Inspects Vault's global configuration: the request headers in its audit log, and CORS. */
export const vaultConfig = managedProbe("vault.config", async (context) => {
  const auditor = await context.auditor();
  const [{ data: audited }, { data: cors }] = await Promise.all([
    auditor.call({ path: auditedHeadersPath }, auditedHeadersAnswer),
    auditor.call({ path: corsPath }, corsAnswer),
  ]);
  const fix = context.renewal;
  const others = Object.entries(audited.headers ?? {}).filter(([name]) => !auditedHeaders.includes(name));
  return [
    others.map(([name, { hmac }]) => {
      const how = hmac ? "as a digest" : "in the clear";
      return drift(
        // The header with the token would be readable in the log.
        `vault.audited-header:${name}`,
        hmac ? "minor" : "critical",
        "audit log",
        {
          summary: `The audit log holds the request header ${name}, ${how}`,
          compared: ["not written", how, name],
          fix,
        },
      );
    }),
    cors.enabled &&
      drift("vault.cors", "major", "Vault's API", {
        summary: "Web pages of other sites can call Vault's API",
        compared: ["false", (cors.allowed_origins ?? []).join(", ") || "true", "enabled"],
        fix,
      }),
  ];
});
