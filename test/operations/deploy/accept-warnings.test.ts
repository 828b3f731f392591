import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckId } from "../../../lib/config/check-ids";
import { homePaths } from "../../../lib/model/home-paths";
import { offerToAccept } from "../../../lib/operations/deploy/accept-warnings";
import type { CheckReport } from "../../../lib/report/check-report";
import { deployedRecord } from "../../../lib/store/records/deployed-record";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

/** @param found each with the names of its warnings */
function reportOf(...found: [CheckId, "pass" | "warn" | "fail", ...warnings: string[]][]): CheckReport {
  return {
    version: 1,
    instance: "default",
    started: "2026-11-29T00:00:00.000Z",
    results: found.map(([id, status, ...warnings]) => ({
      ...{ id, status, summary: `about ${id}`, why: "", durationMs: 0 },
      warnings: warnings.map((warning) => ({ warning, summary: `about ${warning}` })),
    })),
    outcome: "warn",
    costUsd: 0,
  };
}

function bed(settings: object = {}) {
  const home = join(scratchFolder(), "default");
  mkdirSync(home, { mode: 0o700 });
  const said: string[] = [];
  let accepted: readonly string[] = [];
  const offer = async (check: CheckReport, reasons: readonly string[]) => {
    const left = [...reasons];
    let asked = 0;
    accepted = await offerToAccept({
      deployment: describeInstance(settings, { home }),
      check,
      askReason: async () => {
        asked++;
        return left.shift() ?? "";
      },
      say: (line) => said.push(line),
    });
    return asked;
  };
  const text = () => readFileSync(join(home, "openrouter.settings.json"), "utf8");
  return { offer, said, text, home, accepted: () => accepted };
}

test("a typed reason is written for each warning of the line, and each is offered once", async () => {
  const { offer, text, accepted, said } = bed();
  const check = reportOf(
    ["openclaw.user", "warn", "same-user", "engine"],
    ["docker.exec", "warn", "refused"],
    ["budget.limit", "fail"],
  );
  expect(await offer(check, ["one person here", ""])).toBe(2);
  expect(accepted()).toEqual(["openclaw.user"]);
  expect(said[0]).toBe("openclaw.user warns: about same-user; about engine.");
  expect(JSON.parse(text())).toEqual({
    check: {
      accepted: [
        { id: "openclaw.user", warning: "same-user", reason: "one person here" },
        { id: "openclaw.user", warning: "engine", reason: "one person here" },
      ],
    },
  });
  expect(await offer(check, ["again"])).toBe(0);
  expect(await offer(reportOf(["budget.limit", "warn", "own-keys"]), [""])).toBe(1);
});

test("what was accepted is deployed: drift finds no setting that the deploy left out", async () => {
  const { offer, text, home } = bed({ budget: { hardLimitEur: 20 } });
  const deployed = describeInstance({ budget: { hardLimitEur: 20 } }, { home }).settings;
  const paths = homePaths(home);
  deployedRecord.write(paths, { at: "2026-11-29T00:00:00.000Z", settings: deployed });
  await offer(reportOf(["openclaw.user", "warn", "same-user"]), ["one person here"]);
  const { accepted } = JSON.parse(text()).check;
  expect(accepted).toHaveLength(1);
  expect(deployedRecord.read(paths)?.settings).toEqual({
    ...deployed,
    check: { ...deployed.check, accepted },
  });
});

test("the next warning on the same line is offered by itself; the line is left to do if another stays", async () => {
  const { offer, text, accepted, said } = bed();
  await offer(reportOf(["openclaw.user", "warn", "same-user"]), [""]);
  expect(await offer(reportOf(["openclaw.user", "warn", "same-user", "engine"]), ["a test host"])).toBe(1);
  expect(said[1]).toBe("openclaw.user warns: about engine.");
  expect(JSON.parse(text()).check.accepted).toEqual([
    { id: "openclaw.user", warning: "engine", reason: "a test host" },
  ]);
  expect(accepted()).toEqual([]);
});

test("one whose day is over has its entry: a second one would make the settings invalid", async () => {
  const over = { id: "docker.exec", reason: "until then", until: "2020-01-01" };
  const { offer } = bed({ check: { accepted: [over] } });
  expect(await offer(reportOf(["docker.exec", "warn", "refused"]), ["again"])).toBe(0);
});

test("what a command ends, or what changes by itself, is not offered", async () => {
  const { offer, text } = bed();
  const check = reportOf(
    ["vault.shares", "warn", "on-host"],
    ["budget.spent", "warn", "alert"],
    ["chat.default", "warn", "unclear"],
  );
  expect(await offer(check, ["x"])).toBe(0);
  expect(text).toThrow();
});
