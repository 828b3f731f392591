import { describeHosts } from "../../lib/cli/host-table";
import type { ListedHost } from "../../lib/operations/hosts/list";

const key = {
  label: "sk-or-v1-abc...123",
  fingerprint: "f",
  limitUsd: 1234.5,
  spentUsd: 999.99,
  disabled: true,
};
const host = (name: string, fields: Partial<ListedHost> = {}): ListedHost => ({
  ...{ name, state: "joined", keyPath: `secret/openrouter/${name}`, invited: "2026-11-01T07:00:00Z" },
  ...{ addresses: [], lastLogin: "2026-11-29T07:31:59.123Z", key },
  ...fields,
});

test("a row is within 80 columns, whatever the host's name", () => {
  const hosts = ["web1", "twelve-signs", "x".repeat(40)].map((name) =>
    host(name, { state: "invitation ended" }),
  );
  const text = describeHosts({ hosts, total: { usd: 3703.5, boundUsd: 5000 } });
  expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(text.split("\n").slice(1, 5)).toEqual([
    "web1          ended  2026-11-01  11-29 07:31  1234.50  999.99  abc...123 off",
    "twelve-signs  ended  2026-11-01  11-29 07:31  1234.50  999.99  abc...123 off",
    "x".repeat(40),
    "              ended  2026-11-01  11-29 07:31  1234.50  999.99  abc...123 off",
  ]);
  expect(text.replaceAll("\n", " ")).toContain(
    "3703.50 USD a month in all, at most 5000.00 USD by `hosts.maxTotalLimitEur`",
  );
});

test("what is not known is not made up", () => {
  const { spentUsd: _, disabled: _d, ...known } = key;
  const { lastLogin: _l, key: _k, ...bare } = host("web2", { state: "incomplete" });
  const [, one, two, , ...rest] = describeHosts({
    hosts: [host("web1", { lastLogin: undefined, key: { ...known, limitUsd: null } } as never), bare],
    total: { usd: null },
  }).split("\n");
  expect([one, two]).toEqual([
    "web1  joined  2026-11-01  unknown     none   ?      abc...123",
    "web2  broken  2026-11-01  -           -      ?      -",
  ]);
  expect(rest.join(" ")).toContain("a host's key has no limit");
});
