import type { DriftContext } from "../../lib/drift/context";
import { vaultQuotas } from "../../lib/drift/probes/vault-quotas";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

/** The findings and the unmanaged things in a Vault with one quota. */
async function found(quota: object, name = "slow") {
  const unmanaged: string[] = [];
  const auditor = {
    keyPath: "secret/openrouter",
    list: async () => [name],
    find: async (_: unknown, schema: { parse(value: unknown): unknown }) =>
      schema.parse({ data: { rate: 5, interval: 60, ...quota } }),
  };
  const context = {
    home: homeOf(scratchFolder()),
    auditor: async () => auditor,
    unmanaged: (what: string) => {
      unmanaged.push(what);
      return [];
    },
  } as unknown as DriftContext;
  return { findings: await vaultQuotas.inspect(context), unmanaged };
}

test.each([
  ["every path", { path: "" }],
  ["logins", { path: "auth/approle/" }],
  ["logins of one role", { path: "auth/approle/", role: "openclaw-reader" }],
  ["the key's mount", { path: "secret/" }],
  ["the key", { path: "secret/data/openrouter" }],
  ["all keys", { path: "secret/data/*" }],
  ["Vault's own API", { path: "sys/" }],
])("a quota of %s can refuse what OpenClaw needs", async (_, quota) => {
  const { findings, unmanaged } = await found(quota);
  expect(findings.map(({ id, severity }) => `${severity} ${id}`)).toEqual(["major vault.quota:slow"]);
  expect(findings[0]?.actual).toContain("5 calls in 60 s");
  expect(unmanaged).toEqual([]);
});

test.each([
  ["people's logins", { path: "auth/userpass/" }],
  ["the logins of another role", { path: "auth/approle/", role: "ci" }],
  ["another secret", { path: "secret/data/bank" }],
])("a quota of %s is the user's own", async (_, quota) => {
  const { findings, unmanaged } = await found(quota);
  expect(findings).toEqual([]);
  expect(unmanaged).toHaveLength(1);
});

test("the name of a quota is one word of the printed command", async () => {
  const { findings } = await found({ path: "" }, "x;id");
  expect(findings[0]?.fix.command).toContain("vault delete 'sys/quotas/rate-limit/x;id'");
});
