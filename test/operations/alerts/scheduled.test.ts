import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { recordCheck } from "../../../lib/check";
import { settingsSchema } from "../../../lib/config/settings";
import { deployment } from "../../../lib/model/deployment";
import { type HomePaths, homePaths } from "../../../lib/model/home-paths";
import { checkParametersOf } from "../../../lib/model/run-parameters";
import {
  areChatsDue,
  recordScheduledCheck,
  recordScheduledDrift,
} from "../../../lib/operations/alerts/scheduled";
import type { CheckReport } from "../../../lib/report/check-report";
import type { DriftReport } from "../../../lib/report/drift-report";
import { addToHistory, lastDrift } from "../../../lib/store/history";
import { channelsRecord } from "../../../lib/store/records/alert-channels";
import { scratchFolder } from "../../support/folder";

const hour = 3_600_000;
const now = new Date("2026-11-20T12:00:00.000Z");
const at = (hours: number) => new Date(now.getTime() + hours * hour).toISOString();

let home: HomePaths;
beforeEach(() => {
  home = homePaths(scratchFolder());
});

/** A scheduled check that tried the chats, and how one of them ended. */
function tried(when: string, status: "pass" | "warn" | "fail"): void {
  const problems = status === "pass" ? [] : ["chat.fallback"];
  addToHistory(home, { kind: "check", at: when, outcome: status, problems, chats: true });
  const results = [{ id: "chat.fallback", status, summary: "" }];
  recordCheck(home, { started: when, outcome: status, results } as unknown as CheckReport);
}

test.each([
  ["pass", 23, false],
  ["pass", 24, true],
  ["fail", 0.5, false],
  ["fail", 1, true],
  ["warn", 1, false],
  ["warn", 24, true],
] as const)("after a chat with the status %s, %d hours ago: %s", (status, hours, isDue) => {
  tried(at(-hours), status);
  expect(areChatsDue(home, now)).toBe(isDue);
});

test("a chat of a time to come, by a clock that was ahead, is none", () => {
  tried(at(24 * 365), "pass");
  expect(areChatsDue(home, now)).toBe(true);
});

test.each([
  ["inspected everything", [], [], { problems: [], isWhole: true }],
  ["skipped something", [], [{ what: "Vault", because: "it is sealed" }], { problems: [], isWhole: false }],
  [
    "found what an external Vault does not show",
    [],
    [{ what: "x", because: "y", known: true }],
    { isWhole: true },
  ],
  [
    "found something and could not determine the rest",
    ["drift", "unknown"],
    [],
    { problems: ["drift"], isWhole: false },
  ],
])("a drift check that %s is recorded so", async (_, kinds, skipped, expected) => {
  const root = scratchFolder();
  const instance = deployment("trial", settingsSchema.parse({}), root, root);
  const findings = kinds.map((kind) => ({
    ...{ id: kind, kind, severity: "minor", subject: "", summary: "", follows: [] },
    fix: { by: "person", command: "" },
  }));
  await recordScheduledDrift(instance, {
    ...{ started: at(0), outcome: "undetermined", findings, skipped },
  } as unknown as DriftReport);
  expect(lastDrift(instance.home, now)).toMatchObject(expected);
});

test("no heartbeat says that all is well while nobody hears of a problem; another receiver is reported", async () => {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const { type } = request.method === "POST" ? JSON.parse(await text(request)) : { type: "" };
    calls.push(`${request.url} ${type.replace("openclaw-openrouter.", "")}`.trim());
    response.writeHead(request.url === "/gone" ? 410 : 200, { Connection: "close" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const root = scratchFolder();
  const instance = deployment("trial", settingsSchema.parse({}), root, root);
  const channel = (name: string) => ({
    name,
    kind: "webhook" as const,
    target: `${url}/${name}`,
    added: at(0),
  });
  const heartbeat = `${url}/beat`;
  const check = async (hours: number, status: "pass" | "fail") => {
    const results = [{ id: "vault.unsealed", status, summary: "" }];
    const report = { started: at(hours), outcome: status, results } as unknown as CheckReport;
    await recordScheduledCheck(instance, checkParametersOf(instance), report);
    return calls.splice(0);
  };
  channelsRecord.write(instance.home, { channels: [channel("gone")], heartbeat });
  expect(await check(0, "pass")).toEqual(["/beat"]);
  expect(await check(1, "fail")).toEqual(["/gone vault.sealed"]);
  expect(await check(2, "pass")).not.toContain("/beat");
  channelsRecord.write(instance.home, { channels: [channel("gone"), channel("there")], heartbeat });
  await check(3, "fail");
  expect(await check(4, "pass")).toEqual(expect.arrayContaining(["/there vault.sealed", "/beat"]));
  // A check without chats does not make good the chat that failed before it.
  const results = [{ id: "chat.default", status: "fail", summary: "" }];
  recordCheck(instance.home, { started: at(5), outcome: "fail", results } as unknown as CheckReport);
  expect(await check(5, "pass")).not.toContain("/beat");
  await new Promise((resolve) => server.close(resolve));
});
