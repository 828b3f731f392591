import { table, wrap } from "../core/text";
import { usd } from "../openrouter/money";
import type { HostList, ListedHost } from "../operations/hosts/list";

/** The longest name that leaves a row within 80 columns; a longer one has a line of its own. */
const widestName = 12;

/** The hosts as a table for people, and the sum of their limits. */
export function describeHosts({ hosts, total }: HostList): string {
  const rows = table([
    ["HOST", "STATE", "SINCE", "LAST LOGIN", "LIMIT", "SPENT", "KEY"],
    ...hosts.map(rowOf),
  ]);
  const [head = "", ...lines] = rows.split("\n");
  const named = lines.map((line, index) => {
    const { name } = hosts[index]!;
    return name.length > widestName ? `${name}\n${line}` : line;
  });
  const sum = total.usd === null ? "a host's key has no limit" : `${usd(total.usd)} a month in all`;
  const bound =
    total.boundUsd === undefined ? "" : `, at most ${usd(total.boundUsd)} by \`hosts.maxTotalLimitEur\``;
  const unknown = hosts.some(({ key }) => key && key.spentUsd === undefined)
    ? ["What was spent this month: with OPENROUTER_MANAGEMENT_KEY."]
    : [];
  return [head, ...named, "", ...wrap(`Limits: ${sum}${bound}.`, 80), ...unknown].join("\n");
}

const shortStates = { "invitation ended": "ended", incomplete: "broken" } as const;

function rowOf({ name, state, invited, lastLogin, key }: ListedHost): string[] {
  const limit = key ? (key.limitUsd?.toFixed(2) ?? "none") : "-";
  return [
    name.length > widestName ? "" : name,
    (shortStates as Record<string, string>)[state] ?? state,
    invited.slice(0, 10),
    lastLogin?.slice(5, 16).replace("T", " ") ?? (state === "joined" ? "unknown" : "-"),
    limit,
    key?.spentUsd?.toFixed(2) ?? "?",
    key ? `${key.label.replace(/^sk-or-v1-/, "")}${key.disabled ? " off" : ""}` : "-",
  ];
}
