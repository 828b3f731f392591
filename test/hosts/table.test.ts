import { readPage } from "../support/docs";
import { type Results, readResults } from "./results";
import { rows } from "./rows";
import { steps } from "./steps";
import { pageLines } from "./steps/first-day";
import { compatibilityPage, renderTable, replaceTable } from "./write-table";

test("there are at most twelve rows, and each value is in one at least", () => {
  const values = (name: keyof (typeof rows)[number]) => [
    ...new Set(rows.map((row) => row[name] ?? "packaged")),
  ];
  expect(rows.length).toBeLessThanOrEqual(12);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  expect(values("suite").sort()).toEqual(["bookworm", "sid", "trixie"]);
  expect(values("engine").sort()).toEqual(["packaged", "podman", "rootless", "userns-remap"]);
  expect(values("node").sort()).toEqual(["20.20.2", "22.23.5", "24.22.3", "26.12.1", "Debian's"]);
  expect(values("terraform").sort()).toEqual(["OpenTofu", "Terraform"]);
  expect(values("deployer").sort()).toEqual(["root", "root for openclaw", "user", "user with linger"]);
  expect(values("gateway").sort()).toEqual(["beside", "container", "none"]);
  expect(values("from").sort()).toEqual(["clone", "first day", "package", "setup guide"]);
});

test("each step is tried by a row, or the row says why not", () => {
  const tried = (step: (typeof steps)[number]) =>
    rows.filter((row) => !row.refusal && step.notTried?.(row) === undefined);
  expect(steps.filter((step) => tried(step).length === 0)).toEqual([]);
  expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
});

describe("the table", () => {
  const [row, other] = rows;
  const results: Results = {
    [row!.name]: {
      program: "0",
      day: "2026-01-02",
      host: "Debian 1",
      steps: {
        up: { status: "works", seconds: 1 },
        again: { status: "failed", note: "not so" },
        reboot: { status: "not tried", note: "no systemd" },
      },
    },
  };
  const table = renderTable(results, [row!, other!]);

  test("tells what was seen, and of a row that was not run nothing else", () => {
    expect(table).toContain(`| Debian 1: ${row!.because} | 2026-01-02 |`);
    expect(table).toMatch(new RegExp(`\\| 2 \\| ${other!.name} \\|.*\\| not run yet \\|`));
    expect(table).toContain("| | 1 |");
    const titleOf = (id: string) => steps.find((step) => step.id === id)?.title ?? "";
    expect(table).toContain(`| ${titleOf("up")} | ✔ |`);
    expect(table).toContain(`| ${titleOf("again")} | **failed** |`);
    expect(table).toContain(`- ${row!.name}: not so (${titleOf("again").split(": ")[0]})`);
    expect(table).toContain(`- ${row!.name}: no systemd (the host rebooted)`);
    expect(table).toContain(
      `- ${row!.name}: the run ended before (${steps.length - 3} of the ${steps.length} lines)`,
    );
  });

  test("replaces the page's table, and nothing else of it", () => {
    const page = readPage(compatibilityPage);
    const replaced = replaceTable(page, "other");
    expect(replaced).toContain("\n\nother\n\n");
    expect(replaceTable(replaced, renderTable(readResults()))).toBe(page);
    expect(() => replaceTable("no place", "other")).toThrow(compatibilityPage);
  });
});

test("docs/first-day.md has lines for a fresh host", () => {
  expect(pageLines()).toEqual(
    expect.arrayContaining([
      "reboot",
      "cd /opt/openclaw-openrouter && npm start -- --instance default",
      "docker exec vault vault kv get -field=api_key secret/openrouter",
      "openclaw-openrouter alerts add",
    ]),
  );
});
