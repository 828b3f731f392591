import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AskOptions, askHosts } from "../../../lib/operations/remote/ask";
import { readDestinations } from "../../../lib/operations/remote/destinations";
import { scratchFolder } from "../../support/folder";

/** A stub of OpenSSH's client that behaves by the host's name, and writes down how it was called. */
const stub = `#!/bin/bash
printf '%s\\n' "$@" > "$STUB_FOLDER/arguments"
env > "$STUB_FOLDER/environment"
cat > "$STUB_FOLDER/input"
host="\${@: -2:1}"
echo "$host" >> "$STUB_FOLDER/asked"
passed='{"version":1,"instance":"default","started":"2026-11-29T10:00:00.000Z","results":[{"id":"a","status":"pass","summary":"s","why":"w","durationMs":1}],"outcome":"pass","costUsd":0}'
case "$host" in
  good*) echo "$passed" ;;
  endless) sleep 600 & echo $! > "$STUB_FOLDER/child"; sleep 600 ;;
  held) sleep 600 & echo $! > "$STUB_FOLDER/holding"; echo "$passed" ;;
  long) yes "$passed" ;;
  longError) yes error >&2 ;;
  refused) echo "Permission denied (publickey)." >&2; exit 255 ;;
esac
`;

describe("many hosts by ssh", () => {
  const folder = scratchFolder();
  const before = { ...process.env };
  const file = (name: string) => readFileSync(join(folder, name), "utf8");

  beforeAll(() => {
    writeFileSync(join(folder, "ssh"), stub);
    chmodSync(join(folder, "ssh"), 0o755);
    Object.assign(process.env, {
      ...{ PATH: `${folder}:${before.PATH}`, STUB_FOLDER: folder },
      ...{ OPENROUTER_API_KEY: "hunter2", VAULT_TOKEN: "hunter2" },
    });
  });
  afterAll(() => {
    process.env = before;
    process.kill(Number(file("holding")));
  });

  async function ask(hosts: string, more: Partial<AskOptions> = {}) {
    const { signal } = new AbortController();
    const options = {
      command: "check",
      args: ["--no-unseal"],
      parallel: 4,
      timeout: 20_000,
      signal,
    } as const;
    return askHosts(readDestinations(hosts, "hosts"), { ...options, progress: () => {}, ...more });
  }
  const states = async (...args: Parameters<typeof ask>) =>
    Object.fromEntries(
      (await ask(...args)).hosts.map(({ host, state, summary }) => [host, [state, summary]]),
    );
  const isAlive = (pid: number) =>
    existsSync(`/proc/${pid}`) && !/State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, "utf8"));

  test("nothing of a secret goes to ssh, and it asks, forwards and keeps nothing", async () => {
    await ask("ada@good");
    const args = file("arguments").split("\n");
    for (const each of [
      ...["BatchMode=yes", "ForwardAgent=no", "ClearAllForwardings=yes", "ControlMaster=no"],
      ...["-k", "Tunnel=no"],
    ])
      expect(args).toContain(each);
    // An ssh without Kerberos, as Alpine's, names such a setting as an error.
    expect(args.filter((each) => /gssapi/i.test(each))).toEqual([]);
    expect(args.slice(args.indexOf("--"))).toEqual([
      "--",
      "ada@good",
      expect.stringContaining("check --json"),
      "",
    ]);
    expect(file("environment")).not.toContain("hunter2");
    expect(file("input")).toBe("");
  });

  test("each host has its own result, in the order of the list, whatever the others do", async () => {
    const report = await ask("good1\nrefused\ngood2\nlong\nlongError\ngood3", { parallel: 3 });
    expect(report.hosts.map(({ host, state }) => `${host} ${state}`)).toEqual([
      ...["good1 success", "refused unknown", "good2 success"],
      ...["long unknown", "longError unknown", "good3 success"],
    ]);
    expect(report.outcome).toBe("unknown");
  });

  test("one that prints without end is ended at a megabyte", async () => {
    expect((await states("long")).long).toEqual([
      "unknown",
      expect.stringContaining("more than 1048576 bytes"),
    ]);
  });

  test("one that never ends is ended at its timeout, with what it started", async () => {
    const { endless } = await states("endless", { timeout: 2000 });
    expect(endless).toEqual(["unknown", expect.stringContaining("did not end within 2 s")]);
    expect(isAlive(Number(file("child")))).toBe(false);
  });

  test("one whose connection is kept open by another process ends when its command ends", async () => {
    expect((await states("held")).held?.[0]).toBe("success");
  });

  test("an interruption ends what runs, and asks no further host", async () => {
    const interruption = new AbortController();
    writeFileSync(join(folder, "asked"), "");
    const asking = ask("endless\ngood1\ngood2", { parallel: 1, signal: interruption.signal });
    while (!file("asked").includes("endless")) await new Promise(setImmediate);
    interruption.abort(new Error("interrupted"));
    await expect(asking).rejects.toThrow("interrupted");
    expect(file("asked")).toBe("endless\n");
  });

  test("without an OpenSSH client it says so", async () => {
    await expect(ask("good", {})).resolves.toBeDefined();
    const path = process.env.PATH;
    process.env.PATH = "/nonexistent";
    await expect(ask("good")).rejects.toThrow("There is no OpenSSH client here");
    process.env.PATH = path;
  });
});
