import { z } from "zod";
import { quote } from "../../core/text";
import { secretApiPath } from "../../model/vault/vault-names";
import { readHosts } from "../../store/records/hosts-record";
import { pathInUrl } from "../../vault/path-in-url";
import { drift } from "../finding";
import { managedProbe } from "../probe";

const quotasPath = "sys/quotas/rate-limit";

const quotaAnswer = z.object({
  data: z.object({
    /** A mount, or more of a path; for every path if empty. */
    path: z.string().default(""),
    /** The role whose logins it limits. */
    role: z.string().default(""),
    rate: z.number(),
    /** Seconds. */
    interval: z.number().default(1),
    block_interval: z.number().default(0),
  }),
});

/** Inspects that no quota makes Vault refuse a login or the key: to OpenClaw, to a joined host, or to a deploy. */
export const vaultQuotas = managedProbe("vault.quotas", async (context) => {
  const auditor = await context.auditor();
  const { hosts } = readHosts(context.home);
  const keys = [auditor.keyPath, ...hosts.map(({ keyPath }) => keyPath)];
  const called = [
    "auth/approle/login",
    "sys/mounts",
    ...keys.flatMap((key) => [secretApiPath("data", key), secretApiPath("metadata", key)]),
  ];
  const found = await Promise.all(
    (await auditor.list(quotasPath)).map(async (name) => {
      const quota = await auditor.find({ path: pathInUrl(`${quotasPath}/${name}`) }, quotaAnswer);
      return quota && { name, ...quota.data };
    }),
  );
  return found.map((quota) => {
    if (!quota) return [];
    const { name, path, rate, interval, block_interval, role } = quota;
    const isOurs = called.some((each) => each.startsWith(path.replace(/\*$/, "")));
    if (!isOurs || (role !== "" && !role.startsWith("openclaw-")))
      return context.unmanaged(`quota ${quotasPath}/${name} (${path || "every path"})`);
    const blocks = block_interval > 0 ? `, then none for ${block_interval} s` : "";
    return drift(`vault.quota:${name}`, "major", `quota ${name}`, {
      summary:
        "A quota limits how often Vault can be called: above it OpenClaw gets no key, and a deploy fails",
      compared: ["none", `${rate} calls in ${interval} s at ${path || "every path"}${blocks}`, "rate"],
      fix: `vault delete ${quote(`${quotasPath}/${name}`)}  (with a root token); if it is meant, name this finding in drift-ignore.json.`,
    });
  });
});
