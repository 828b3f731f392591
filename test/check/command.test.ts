import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { alertMessage } from "../../lib/model/alert";
import { checkReport } from "../../lib/report/check-report";
import { channelsRecord } from "../../lib/store/records/alert-channels";
import { type Bed, Beds, key } from "./support";

let beds: Promise<Beds>;

// Concurrent tests begin before any hook has run.
const use = async (work: (bed: Bed) => Promise<void>) => {
  beds ??= Beds.make();
  await (await beds).use(work);
};
afterAll(async () => (await beds).close());

const cheap = ["--skip", "docker.exec"];
const report = (json: string) => checkReport.parse(JSON.parse(json));
const seconds = 300_000;

test.concurrent(
  "a check that passes: people's text on stderr, nothing on stdout, exit 0, remembered",
  () =>
    use(async (bed) => {
      const { code, text, json } = await bed.check(...cheap);
      expect({ code, json, failed: code === 0 ? "" : text }).toEqual({ code: 0, json: "", failed: "" });
      expect(text).toMatch(/✔ chat\.default +anthropic\/claude-sonnet-5: "OK", 0\.0000\d+ USD/);
      expect(text).toMatch(/Check passed: 17 passed, 1 not tried; cost 0\.0000\d+ USD\./);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours begin with.
      expect(text).not.toMatch(/\u001b/);
      expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
      const last = JSON.parse(readFileSync(bed.deployment.home.lastCheck, "utf8"));
      expect(last).toMatchObject({
        outcome: "pass",
        statuses: { "key.valid": "pass", "docker.exec": "skip" },
      });
      expect(statSync(bed.deployment.home.lastCheck).mode & 0o777).toBe(0o600);
    }),
  seconds,
);

test.concurrent(
  "--json: alone on stdout, of the schema, in the fixed order; its cost is that of the chats",
  () =>
    use(async (bed) => {
      const { results, costUsd, outcome } = report((await bed.check("--json", ...cheap)).json);
      expect(outcome).toBe("pass");
      expect(results.map(({ id }) => id)).toMatchInlineSnapshot(`
        [
          "vault.reachable",
          "vault.unsealed",
          "vault.shares",
          "vault.identities",
          "secret.present",
          "docker.exec",
          "key.valid",
          "budget.limit",
          "budget.spent",
          "models.known",
          "chat.default",
          "chat.fallback",
          "chat.experimentation",
          "openclaw.config",
          "openclaw.gateway",
          "openclaw.user",
          "host.schedules",
          "host.alerts",
        ]
      `);
      const chats = results.filter(({ id }) => id.startsWith("chat."));
      expect(chats.map(({ costUsd }) => costUsd! > 0)).toEqual([true, true, true]);
      expect(costUsd).toBeCloseTo(
        chats.reduce((sum, chat) => sum + chat.costUsd!, 0),
        12,
      );
      expect(costUsd).toBeLessThan(0.005);
    }),
  seconds,
);

test.concurrent(
  "--no-spend sends no chat, and says that none was tried",
  () =>
    use(async (bed) => {
      const { code, json } = await bed.check("--json", "--no-spend", ...cheap);
      const { results, costUsd } = report(json);
      for (const { status, summary } of results.filter(({ id }) => id.startsWith("chat."))) {
        expect({ status, summary }).toEqual({ status: "skip", summary: "left out by --no-spend" });
      }
      expect({ code, costUsd }).toEqual({ code: 0, costUsd: 0 });
      expect((await bed.openrouter.requests()).map(({ path }) => path)).not.toContain("/chat/completions");
    }),
  seconds,
);

test.concurrent(
  "a warning passes, and fails with --strict",
  () =>
    use(async (bed) => {
      await bed.openrouter.putKey({ key, usage: { total: 13, daily: 13, weekly: 13, monthly: 13 } });
      const plain = await bed.check("--only", "budget.spent");
      const strict = await bed.check("--only", "budget.spent", "--strict");
      expect([plain.code, strict.code]).toEqual([0, 1]);
      expect(plain.text).toMatch(/! budget\.spent .*13\.00 USD \(11\.30 EUR/);
    }),
  seconds,
);

test.concurrent.each([
  [["--only", "chat.defualt"], /There is no check chat\.defualt: did you mean chat\.default\?/],
  [["--timeout", "0"], /Give a number of seconds above 0/],
  [["--no-such"], /unknown option/],
])(
  "wrong usage %j: 64",
  (args, text) =>
    use(async (bed) => {
      const outcome = await bed.check(...args);
      expect(outcome.code).toBe(64);
      expect(outcome.text).toMatch(text);
    }),
  seconds,
);

test.concurrent(
  "an instance that is not deployed: 4, with and without a home",
  () =>
    use(async (bed) => {
      const { code, json, text } = await bed.check("--instance", "other", "--json");
      expect([code, text]).toEqual([4, expect.stringMatching(/other is not deployed/)]);
      expect(JSON.parse(json)).toMatchObject({ version: 1, error: { kind: "not-deployed", exitCode: 4 } });
      const state = bed.deployment.home.state("openrouter");
      const content = readFileSync(state);
      rmSync(state);
      expect((await bed.check("--json")).code).toBe(4);
      writeFileSync(state, content);
    }),
  seconds,
);

test.concurrent(
  "no engine: the setup guide's command fails, all else is tried",
  () =>
    use(async (bed) => {
      const { code, json } = await bed.check("--json", "--no-spend");
      const failed = report(json).results.filter(({ status }) => status === "fail");
      expect(failed.map(({ id, fix }) => [id, fix])).toEqual([
        ["docker.exec", "openclaw-openrouter doctor --instance trial"],
      ]);
      expect(code).toBe(1);
    }),
  seconds,
);

describe("a scheduled check", () => {
  const spent = (bed: Bed, monthly: number) =>
    bed.openrouter.putKey({ key, usage: { total: monthly, daily: monthly, weekly: monthly, monthly } });
  const scheduled = (bed: Bed) =>
    bed.run("scheduled", "check", "--instance", "trial", "--skip", "docker.exec,models.known");
  /** A channel that notes each message. */
  const toldBy = (bed: Bed) => {
    const [program, told] = [join(bed.folder, "tell"), join(bed.folder, "told.jsonl")];
    writeFileSync(program, `#!/bin/sh\ncat >>${told}\n`);
    chmodSync(program, 0o700);
    channelsRecord.write(bed.deployment.home, {
      channels: [{ name: "command", kind: "command", target: program, added: new Date().toISOString() }],
    });
    return () =>
      existsSync(told)
        ? readFileSync(told, "utf8")
            .trim()
            .split("\n")
            .map((line) => alertMessage.parse(JSON.parse(line)))
            .map(({ phase, event }) => `${phase} ${event}`)
        : [];
  };
  const forgotten = ({ deployment: { home }, folder }: Bed) => {
    for (const path of [
      home.alerts,
      home.alertState,
      home.history,
      join(home.root, "runs"),
      join(folder, "told.jsonl"),
    ])
      rmSync(path, { recursive: true, force: true });
  };

  test.concurrent(
    "tells of a sum once, of a failure that it finds twice, and of its end",
    () =>
      use(async (bed) => {
        forgotten(bed);
        const told = toldBy(bed);
        expect((await scheduled(bed)).code).toBe(0);
        expect(told()).toEqual([]);
        await spent(bed, 13);
        bed.vault.identities = ["reader"];
        await scheduled(bed);
        expect(told()).toEqual(["raised spending.alert"]);
        await scheduled(bed);
        bed.vault.identities = ["reader", "auditor"];
        await scheduled(bed);
        expect(told().sort()).toEqual([
          "raised check.failed:vault.identities",
          "raised spending.alert",
          "resolved check.failed:vault.identities",
        ]);
      }),
    seconds,
  );

  test.concurrent(
    "tries the chats once a day, and again after one that failed",
    () =>
      use(async (bed) => {
        forgotten(bed);
        const chats = async () => {
          await bed.openrouter.clearRequests();
          await scheduled(bed);
          return (await bed.openrouter.requests()).filter(({ path }) => path === "/chat/completions").length;
        };
        expect([await chats(), await chats()]).toEqual([3, 0]);
      }),
    seconds,
  );

  test.concurrent(
    "that ends with an error is reported as well, since nobody sees its output, and resolved by the next report",
    () =>
      use(async (bed) => {
        forgotten(bed);
        const told = toldBy(bed);
        const settings = join(bed.deployment.home.root, "openrouter.settings.json");
        const text = readFileSync(settings, "utf8");
        writeFileSync(settings, "{");
        await scheduled(bed);
        expect((await scheduled(bed)).code).toBe(64);
        writeFileSync(settings, text);
        expect(told()).toEqual(["raised check.failed:check"]);
        const run = JSON.parse(readFileSync(join(bed.deployment.home.root, "runs", "check.json"), "utf8"));
        expect(run).toMatchObject({ exitCode: 64 });
        await scheduled(bed);
        expect(told()).toEqual(["raised check.failed:check", "resolved check.failed:check"]);
      }),
    seconds,
  );
});

test.concurrent(
  "without systemd schedule add prints cron's line, and neither it nor schedule remove writes a crontab",
  () =>
    use(async (bed) => {
      const written = join(bed.folder, "written");
      mkdirSync(join(bed.folder, "bin"));
      const cron = join(bed.folder, "bin", "crontab");
      const line = "*/15 * * * * /bin/sh x # openclaw-openrouter: check trial";
      writeFileSync(cron, `#!/bin/sh\nif [ "$1" = -l ]; then echo '${line}'; else touch ${written}; fi\n`);
      chmodSync(cron, 0o755);
      const installed = await bed.run(...["schedule", "add", "check", "--no-spend"]);
      expect(installed.code).toBe(0);
      const script = join(bed.deployment.home.root, "scheduled-check.sh");
      expect(installed.text).toContain(`*/15 * * * * /bin/sh ${script} # openclaw-openrouter: check trial`);
      expect(statSync(script).mode & 0o777).toBe(0o600);
      expect(readFileSync(script, "utf8")).toContain(`--no-spend`);

      const uninstalled = await bed.run("schedule", "remove", "check");
      expect(uninstalled.code).toBe(0);
      expect(uninstalled.text).toContain(line);
      expect(existsSync(script)).toBe(false);
      expect(existsSync(written)).toBe(false);
      rmSync(join(bed.folder, "bin"), { recursive: true });
      expect((await bed.run("schedule", "remove", "check")).text).toMatch(/did not run check/);
    }),
  seconds,
);

test.concurrent(
  "the key is in no output of any form, though OpenRouter echoes it, and in no file but the credentials",
  () =>
    use(async (bed) => {
      const file = (name: string) => join(bed.folder, name);
      const summary = file("summary.md");
      const echo = `it is ${key}, ${encodeURIComponent(key)}`;
      await bed.openrouter.addFault({
        path: "/chat/completions",
        model: "anthropic/claude-haiku-4.5",
        content: echo,
      });
      await bed.openrouter.addFault({
        path: "/chat/completions",
        model: "google/gemini-2.5-flash",
        status: 403,
        body: { error: { code: 403, message: echo } },
      });
      await bed.openrouter.addFault({
        path: "/auth/key",
        body: { data: { label: key, limit: null, limit_remaining: null, usage: 0 } },
      });
      Object.assign(bed.env, { GITHUB_STEP_SUMMARY: summary });
      const outputs = await Promise.all([
        bed.check("--json", "--junit", file("j.xml"), "--markdown", file("m.md")),
        bed.run("scheduled", "check", "--instance", "trial"),
        bed.check(),
      ]);
      delete bed.env.GITHUB_STEP_SUMMARY;
      const written = ["j.xml", "m.md", "summary.md"].map((name) => readFileSync(file(name), "utf8"));
      const home = readdirSync(bed.deployment.home.root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
      const all = [...outputs.flatMap(({ text, json }) => [text, json]), ...written, ...home].join("\n");
      expect(all).toContain("budget.limit");
      const secret = key.slice("sk-or-v1-".length);
      for (const form of [
        secret,
        secret.slice(0, 32),
        Buffer.from(key).toString("base64").replace(/=+$/, ""),
      ]) {
        expect(all).not.toContain(form);
      }
      rmSync(bed.deployment.home.lastCheck);
    }),
  seconds,
);
