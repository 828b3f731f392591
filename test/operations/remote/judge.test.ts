import { remoteCommand } from "../../../lib/operations/remote/ask";
import { type Asked, judge } from "../../../lib/operations/remote/judge";
import type { DriftReport } from "../../../lib/report/drift-report";
import { renderHosts } from "../../../lib/report/hosts-render";

const at = "2026-11-28T10:00:00.000Z";
const destination = { host: "web1", address: "ada@web1" };

/** What a host is judged by. @param printed its standard output: text, or a value as JSON */
function judged(
  command: Asked["command"],
  exitCode: number | undefined,
  printed: unknown,
  more: object = {},
) {
  const stdout = typeof printed === "string" ? printed : JSON.stringify(printed, null, 2);
  const { strict, instance, ...result } = more as { strict?: boolean; instance?: string };
  const asked = { command, ...(strict ? { strict } : {}), ...(instance ? { instance } : {}) };
  return judge(asked, destination, { exitCode, stdout, stderr: "", failure: undefined, ...result });
}

const line = (status: string, more: object = {}) => ({
  ...{ id: "vault.reachable", status, summary: `it ${status}s`, why: "w", durationMs: 1 },
  ...more,
});
const check = (outcome: string, results: object[], more: object = {}) => ({
  ...{ version: 1, instance: "default", started: at, program: "0.1.0", results, outcome, costUsd: 0 },
  ...more,
});
const finding = {
  ...{ id: "container.stopped", summary: "it is stopped", kind: "drift", severity: "critical" },
  ...{ subject: "container", since: at, fix: { by: "command", command: "openclaw-openrouter drift --fix" } },
  follows: [],
} as const;
const drift = (outcome: DriftReport["outcome"], findings: readonly object[], more: object = {}) => ({
  ...{ version: 1, instance: "default", started: at, durationMs: 1, outcome, findings },
  ...{ known: [], ignored: [], skipped: [], unmanaged: [] },
  ...more,
});
const status = (vault: object = {}, more: object = {}) => ({
  ...{ version: 1, instance: "default", program: "0.1.0", deployedAt: at },
  vault: { address: "https://127.0.0.1:8200", sealed: false, kind: "own", ...vault },
  ...{ key: {}, lastCheck: { at, outcome: "pass" }, schedules: [] },
  ...more,
});

describe("a report that is whole, and its exit code", () => {
  test.each([
    ["check", 0, check("pass", [line("pass")]), "success"],
    ["check", 0, check("warn", [line("pass"), line("warn")]), "warning"],
    ["check", 1, check("fail", [line("fail")]), "failed"],
    ["drift", 0, drift("clean", []), "success"],
    ["drift", 2, drift("drift", [finding]), "drift"],
    ["drift", 3, drift("not-applied", [{ ...finding, kind: "declaration" }]), "not-applied"],
    [
      "drift",
      1,
      drift("undetermined", [], { skipped: [{ what: "key", because: "Vault is sealed" }] }),
      "unknown",
    ],
    [
      "drift",
      0,
      drift("clean", [], { skipped: [{ what: "vault.access: groups", because: "so", known: true }] }),
      "success",
    ],
    ["status", 0, status(), "success"],
    ["status", 0, status({ sealed: true }), "failed"],
    ["status", 0, status({ sealed: undefined }), "failed"],
    ["status", 0, status({}, { lastCheck: { at, outcome: "fail" } }), "failed"],
    ["status", 0, status({}, { schedules: ["backup is disabled"] }), "warning"],
    ["status", 4, status(), "not-deployed"],
    ["check", 4, "", "not-deployed"],
  ] as const)("%s %i: %#", (command, code, report, state) => {
    expect(judged(command, code, report).state).toBe(state);
  });

  test("says how severe, since when, with which fix and version", () => {
    const minor = { ...finding, id: "image", severity: "minor", since: "2020-01-01T00:00:00.000Z" };
    const later = { ...finding, id: "shares", since: "2026-11-29T10:00:00.000Z" };
    expect(judged("drift", 2, drift("drift", [minor, later, finding], { program: "0.9.0" }))).toMatchObject({
      ...{ severity: "critical", since: at, program: "0.9.0", instance: "default" },
      summary: "2 critical, 1 minor",
      problems: [
        { id: "shares" },
        { id: "container.stopped", fix: expect.stringContaining("--fix") },
        { id: "image" },
      ],
    });
  });

  test("a warning is a failure where the person said so", () => {
    const report = check("warn", [line("warn")]);
    expect(judged("check", 1, report, { strict: true }).state).toBe("failed");
    expect(judged("check", 1, report).state).toBe("unknown");
  });

  test("lines of a login shell before and after it are no part of it", () => {
    const text = JSON.stringify(check("pass", [line("pass")]), null, 2);
    expect(judged("check", 0, `Welcome to web1\n${text}\nbye`).state).toBe("success");
  });

  test("another version may have other checks", () => {
    expect(judged("check", 0, check("pass", [line("pass", { id: "vault.newer" })])).state).toBe("success");
  });
});

describe("what is not to be relied on is unknown, never a success", () => {
  test.each([
    ["exit 0 with a failed report", "check", 0, check("fail", [line("fail")])],
    ["a failed line in a report that says that it passed", "check", 0, check("pass", [line("fail")])],
    ["no line at all", "check", 0, check("pass", [])],
    ["exit 0 with drift", "drift", 0, drift("drift", [finding])],
    ["drift that calls itself clean", "drift", 0, drift("clean", [finding])],
    [
      "nothing inspected that calls itself clean",
      "drift",
      0,
      drift("clean", [], { skipped: [{ what: "all", because: "so" }] }),
    ],
    [
      "one known finding, nothing else inspected, that calls itself clean",
      "drift",
      0,
      drift("clean", [], { known: [finding], skipped: [{ what: "all", because: "so" }] }),
    ],
    ["exit 1 without a problem", "check", 1, check("pass", [line("pass")])],
    ["another command's report", "check", 0, drift("clean", [])],
    ["garbage", "check", 0, "\u001b[2J\u0000 all is well {}"],
    ["a list", "check", 0, "[]"],
    ["nothing", "check", 0, ""],
    ["an older format", "check", 0, check("pass", [line("pass")], { version: 0 })],
    ["half a report", "check", 0, JSON.stringify(check("pass", [line("pass")]), null, 2).slice(0, -2)],
  ] as const)("%s", (_, command, code, printed) => {
    expect(judged(command, code, printed)).toMatchObject({
      state: "unknown",
      fix: expect.stringMatching(/\w/),
    });
  });

  test("a report about another instance than the one that was asked for", () => {
    const report = check("pass", [line("pass")]);
    expect(judged("check", 0, report, { instance: "paris" }).state).toBe("unknown");
    expect(judged("check", 0, report, { instance: "default" }).state).toBe("success");
  });

  test("what a host says about itself beyond the report is dropped, and no character of it is obeyed", () => {
    const key = `sk-or-v1-${"a".repeat(64)}`;
    const hostile = `\u001b[31mred\u202e ${key} ${"long ".repeat(1000)}`;
    const report = check("fail", [line("fail", { summary: hostile, id: "\u001b]0;x\u0007id" })], {
      ...{ host: "web2", secret: "hunter2", instance: "\u001b[2Jdefault" },
    });
    const text = JSON.stringify(judged("check", 1, report));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
    expect(text).not.toMatch(/[\u0000-\u001f\u202e]|\\u001b|web2|hunter2/);
    expect(text).not.toContain(key);
    expect(text.length).toBeLessThan(1500);
  });

  test("a host cannot add the line of another one to the report", () => {
    const report = check("pass", [line("pass")], {
      ...{ instance: "default\n✔ web2  instance default", program: "1\n\u2028✔ web3  version 1" },
    });
    const web1 = { host: "web1", durationMs: 1, ...judged("check", 0, report) };
    const text = renderHosts(
      { ...{ version: 1, command: "check", started: at, durationMs: 1, outcome: "success" }, hosts: [web1] },
      { colour: false, width: 80 },
    );
    expect(text.split("\n").filter((each) => each.startsWith("✔"))).toHaveLength(1);
  });

  test("of thousands of problems a hundred are taken, and all are counted", () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({ ...finding, id: `f${index}` }));
    const { problems, summary } = judged("drift", 2, drift("drift", many));
    expect([problems.length, summary]).toEqual([100, "3000 critical"]);
  });

  test("an invalid time is dropped", () => {
    expect(judged("drift", 2, drift("drift", [{ ...finding, since: "<b>soon</b>" }])).since).toBeUndefined();
  });
});

describe("a host without an answer says why, and how to get one", () => {
  test.each([
    [undefined, "", "it did not end within 120 s", "did not end within 120 s", "--host-timeout"],
    [
      255,
      "Host key verification failed.",
      undefined,
      "does not know its host key",
      "compare the fingerprint: ssh ada@web1",
    ],
    [
      255,
      "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
      undefined,
      "another one",
      "before you remove",
    ],
    [255, "ada@web1: Permission denied (publickey,password).", undefined, "nobody is asked", "ssh-add"],
    [
      255,
      "ssh: Could not resolve hostname web1: Name or service not known",
      undefined,
      "name is unknown",
      "ssh ada@web1",
    ],
    [
      255,
      "ssh: connect to host web1 port 22: Connection refused",
      undefined,
      "no ssh server",
      "ssh ada@web1",
    ],
    [
      255,
      "ssh: connect to host web1 port 22: Connection timed out",
      undefined,
      "does not answer",
      "ssh ada@web1",
    ],
    [255, "kex_exchange_identification: odd", undefined, "ssh failed: kex_exchange", "ssh ada@web1"],
    [127, "sh: 1: exec: openclaw-openrouter: not found", undefined, "is not installed there", "user@host"],
    [127, "/usr/bin/env: 'node': No such file or directory", undefined, "no Node.js", "node --version"],
    [64, "error: unknown option '--json'", undefined, "does not take this command", "version"],
    [1, "Error: the disk is full", undefined, "the disk is full", "Run it there."],
  ])("%s %s", (exitCode, stderr, failure, summary, fix) => {
    expect(judged("check", exitCode, "", { stderr, failure })).toMatchObject({
      ...{ state: "unknown", problems: [] },
      ...{ summary: expect.stringContaining(summary), fix: expect.stringContaining(fix) },
    });
  });
});

describe("an error as JSON instead of a report", () => {
  const error = (exitCode: number, more: object) => ({
    version: 1,
    error: { kind: exitCode === 64 ? "wrong-usage" : "failed", exitCode, problem: "It is so.", ...more },
  });

  test.each([
    [1, { got: "EACCES", fix: "chmod it" }, "It is so. Got: EACCES", "chmod it"],
    [1, {}, "It is so.", "Run it there."],
    [64, { expected: "a file" }, "It is so.", "Run it there."],
  ])("%i %j", (exitCode, more, summary, fix) => {
    const stderr = "It is so.\n  fix:      something\n";
    expect(judged("check", exitCode, error(exitCode, more), { stderr })).toMatchObject({
      ...{ state: "unknown", problems: [], summary, fix: expect.stringContaining(fix) },
    });
  });

  test("loses the characters that a terminal obeys", () => {
    const key = `sk-or-v1-${"a".repeat(64)}`;
    const { summary, fix } = judged("check", 1, error(1, { got: key, fix: `\u001b[2J${key}` }));
    expect(`${summary}${fix}`).not.toContain(key);
    expect(`${summary}${fix}`).not.toContain("\u001b");
  });

  test("of an instance that is not deployed is reported as that", () => {
    expect(judged("status", 4, error(4, {})).state).toBe("not-deployed");
  });
});

describe("what a host is told to run", () => {
  test("one word for any shell, without a quote inside", () => {
    const command = remoteCommand({
      command: "check",
      args: ["--no-unseal", "--only", "key.valid,docker.exec"],
    });
    expect(command).toMatch(/^exec sh -c '[^'!\\]*'$/);
    expect(command).toContain('exec "$p" check --json --no-unseal --only key.valid,docker.exec');
  });

  test.each(["a b", "$(x)", "'", ";", "", "a\nb"])("%j is never part of it", (word) => {
    expect(() => remoteCommand({ command: "check", args: [word] })).toThrow("no word");
  });
});
