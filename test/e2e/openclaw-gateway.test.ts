import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyFingerprint } from "../../lib/model/openrouter-key";
import { contentOf } from "../support/folder";
import { describeUnless } from "../support/skip";
import { isFull } from "./support/full";
import { TestHost, until } from "./support/host";
import { OpenClaw } from "./support/openclaw";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";

const installed = process.env.TEST_OPENCLAW;
const missing = installed ? undefined : "the real OpenClaw is not installed";
const reason = isFull ? missing : "only in npm run test:full";
const primary = "openrouter/anthropic/claude-sonnet-5";
const plain = `sk-or-v1-${"e".repeat(64)}`;

/** A provider of secrets that leaves a trace if it is run. */
const place = join(tmpdir(), `openclaw-provider-${process.pid}`);
const otherProvider = join(place, "provider");
const trace = join(place, "trace");

/** What is told where one thing is configured: by OpenClaw's own program, with the line in the file. */
const configured: readonly (readonly [name: string, own: string, summary: RegExp | null])[] = [
  ["nothing of their own", "", null],
  [
    "a model of an agent's own",
    'agents: { entries: { main: { model: { primary: "openai/gpt-5.5", fallbacks: [] } } } }',
    /^agent main uses openai\/gpt-5\.5, not a declared model \(\S+openclaw\.json, line 4: agents\.entries\.main\.model\.primary\)$/,
  ],
  [
    "a name without a provider",
    'agents: { entries: { main: { model: { primary: "gpt-5.5", fallbacks: [] } } } }',
    /agent main uses gpt-5\.5, not a declared model/,
  ],
  [
    "an alias of the declared model",
    `agents: { defaults: { models: { "${primary}": { alias: "Sonnet" } } }, entries: { main: { model: { primary: "sonnet", fallbacks: [] } } } }`,
    null,
  ],
  [
    "openrouter/auto",
    'agents: { entries: { main: { model: { primary: "openrouter/auto", fallbacks: [] } } } }',
    /agent main uses openrouter\/auto, not a declared model/,
  ],
  [
    "a heartbeat's model",
    'agents: { defaults: { heartbeat: { every: "30m", model: "openrouter/openai/gpt-5.5" } } }',
    /the heartbeat of every agent uses openrouter\/openai\/gpt-5\.5/,
  ],
  [
    "a variable of .env",
    'agents: { entries: { main: { model: { primary: "${MODEL_OF_THE_TEST}", fallbacks: [] } } } }',
    null,
  ],
  [
    "another exec provider, which no question runs",
    `secrets: { providers: { mine: { source: "exec", command: "${otherProvider}" } } },
  models: { providers: { deepseek: { baseUrl: "http://127.0.0.1:9/v1", apiKey: { source: "exec", provider: "mine", id: "x" }, models: [] } } },
  agents: { entries: { main: { model: { primary: "gpt-5.5", fallbacks: [] } } } }`,
    /agent main uses gpt-5\.5, not a declared model/,
  ],
  ["a key that OpenClaw does not know", "colour: 1", /OpenClaw refuses its configuration.*colour/],
];

/** What OpenClaw's own commands left in openclaw.json, and the one failure that the check has of it. */
const damages: readonly (readonly [
  name: string,
  text: (own: string, folder: string) => string,
  summary: RegExp,
])[] = [
  [
    "a placeholder in the key's place",
    (own) =>
      own.replace(
        /\n}\s*$/,
        ',\n  models: { providers: { openrouter: { apiKey: "__OPENCLAW_REDACTED__" } } },\n}\n',
      ),
    /wrote its placeholder/,
  ],
  [
    "the plain key written back",
    (own) =>
      own.replace(/\n}\s*$/, `,\n  models: { providers: { openrouter: { apiKey: "${plain}" } } },\n}\n`),
    /A plain key was written/,
  ],
  [
    "an older file put back, without the include",
    () => '{ gateway: { mode: "local" } }\n',
    /does not include \.\/openrouter\.json5/,
  ],
  [
    "the include dropped, with copies of the fragment",
    (_, folder) =>
      readFileSync(join(folder, "openrouter.json5"), "utf8").replace(
        /}\s*$/,
        ', "gateway": { "mode": "local" } }',
      ),
    /does not include \.\/openrouter\.json5/,
  ],
];

describeUnless(reason)("the real gateway's own word", () => {
  const host = new TestHost();
  const folder = join(host.userHome, ".openclaw");
  const path = join(folder, "openclaw.json");
  const openclaw = new OpenClaw(installed ?? "", host.userHome, newKey());
  const key = newKey();
  let openrouter: LocalOpenRouter;
  let deployed: string;
  jest.setTimeout(600_000);

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    mkdirSync(place);
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(path, '{\n  gateway: { mode: "local" }\n}\n', { mode: 0o600 });
    host.writeSettings("default", {
      openrouter: { baseUrl: openrouter.baseUrl },
      openclaw: { node: openclaw.node, command: openclaw.program },
    });
    await host.mustRun(["up"], { OPENROUTER_API_KEY: key });
    writeFileSync(join(folder, ".env"), `MODEL_OF_THE_TEST=${primary}\n`, { mode: 0o600 });
    writeFileSync(otherProvider, `#!/bin/sh\ntouch ${trace}\n`, { mode: 0o700 });
    deployed = readFileSync(path, "utf8");
  });
  afterEach(async () => {
    await openclaw.stop();
    writeFileSync(path, deployed);
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
    rmSync(place, { recursive: true });
  });

  /** Whose keys OpenRouter saw in chats. */
  async function keysOfChats() {
    const seen = (await openrouter.control.requests()).filter(({ path }) => path === "/chat/completions");
    return seen.map((request) => request.key?.fingerprint);
  }
  async function check(id: string, ...args: string[]) {
    const { stdout } = await host.run(["check", "--only", id, "--json", ...args]);
    const found = JSON.parse(stdout).results.find((each: { id: string }) => each.id === id);
    return found as { status: string; summary: string; details?: string[]; fix?: string };
  }

  test.each(configured)("agents with %s", async (_, own, summary) => {
    writeFileSync(path, own === "" ? deployed : deployed.replace(/\n}\s*$/, `,\n  ${own},\n}\n`));
    const before = contentOf(folder);
    const found = await check("openclaw.gateway");
    if (summary) expect(found.summary).toMatch(summary);
    else expect(found).toMatchObject({ status: "pass", summary: expect.stringContaining("OpenClaw's word") });
    expect(contentOf(folder)).toEqual(before);
    expect(existsSync(trace)).toBe(false);
  });

  test("it says the same while Vault is sealed: no agent's model depends on it", async () => {
    host.docker("restart", "vault");
    expect(await check("openclaw.gateway", "--no-unseal")).toMatchObject({ status: "pass" });
    await host.mustRun(["vault", "unseal"]);
  });

  test("a plain key in a file, and one that OpenClaw stored: named, not shown, and it does not win", async () => {
    writeFileSync(join(folder, "notes.json"), JSON.stringify({ key: plain }));
    const saved = await openclaw.runWith(
      plain,
      "models",
      "auth",
      "paste-api-key",
      "--provider",
      "openrouter",
    );
    // It cannot write beside the include; the key is in its database all the same.
    expect(saved.stdout + saved.stderr).toContain("API key saved");
    const found = await check("openclaw.gateway");
    const told = JSON.stringify(found);
    expect(told).toMatch(/notes\.json holds a plain OpenRouter key, which does not win over Vault's/);
    expect(told).toMatch(/state\/openclaw\.sqlite(-wal)? holds a plain OpenRouter key, which does not win/);
    expect(told).not.toContain("eeeeeeee");
    await openrouter.control.clearRequests();
    const model = ["--model", primary, "--prompt", "Reply OK", "--json"];
    expect((await openclaw.run("infer", "model", "run", "--local", ...model)).code).toBe(0);
    expect(await keysOfChats()).toEqual([keyFingerprint(key)]);
    rmSync(join(folder, "notes.json"));
    for (const name of ["state", "agents"]) rmSync(join(folder, name), { recursive: true, force: true });
  });

  test("a running gateway answers beside the check; in full, its chats and jobs are reported", async () => {
    const mode = '{ mode: "local", auth: { mode: "token", token: "token-of-the-test" } }';
    writeFileSync(path, deployed.replace('{ mode: "local" }', mode));
    const gateway = openclaw.gateway();
    await until(
      () => !gateway.isRunning() || gateway.said().includes("http server listening"),
      "the gateway",
      300,
    );
    await openrouter.control.clearRequests();
    const turn = (session: string) =>
      openclaw.run("agent", "--session-id", session, "--message", "Reply OK", "--json");
    const [first, checked, second] = await Promise.all([turn("one"), host.run(["check"]), turn("two")]);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(checked.stderr).toContain("main: declared models, Vault's key (OpenClaw's word)");
    expect(new Set(await keysOfChats())).toEqual(new Set([keyFingerprint(key)]));

    const patch = JSON.stringify({ key: "agent:main:main", model: "openrouter/openai/gpt-5.5" });
    expect((await openclaw.run("gateway", "call", "sessions.patch", "--params", patch)).code).toBe(0);
    const job = ["--name", "nightly", "--cron", "0 3 * * *", "--session", "isolated", "--message", "hello"];
    expect((await openclaw.run("cron", "add", ...job, "--model", "openai/gpt-5.5")).code).toBe(0);
    expect(await check("openclaw.gateway")).toMatchObject({ status: "pass" });
    const told = JSON.stringify(await check("openclaw.gateway", "--gateway", "full"));
    expect(told).toContain("the chat agent:main:main uses openrouter/openai/gpt-5.5, not a declared model");
    expect(told).toContain("the job nightly uses openai/gpt-5.5, not a declared model");
    // The slowest question comes last; a slow host has no time left for it.
    expect(told).toMatch(/core\/doctor\/|not answered: `openclaw doctor --lint`/);
    expect(told).not.toContain("was not asked");
    expect(gateway.isRunning()).toBe(true);
  });

  test("a running gateway of another profile, which its title hides, is reported", async () => {
    const other = join(host.userHome, ".openclaw-work");
    mkdirSync(other, { mode: 0o700 });
    writeFileSync(join(other, "openclaw.json"), '{ gateway: { mode: "local", port: 18999 } }', {
      mode: 0o600,
    });
    const gateway = openclaw.gateway("--profile", "work");
    await until(
      () => !gateway.isRunning() || gateway.said().includes("http server listening"),
      "the gateway",
      300,
    );
    expect(await check("openclaw.gateway")).toMatchObject({
      status: "warn",
      summary: expect.stringMatching(
        /^the running gateway \(pid \d+\) reads \S+\.openclaw-work\/openclaw\.json \(--profile\)/,
      ),
    });
  });

  test.each(damages)(
    "%s: one cause in check and drift, and drift --fix puts it right",
    async (_, damaged, summary) => {
      writeFileSync(path, damaged(deployed, folder));
      const found = await check("openclaw.config");
      expect(found).toMatchObject({ status: "fail", summary: expect.stringMatching(summary) });
      const { findings } = JSON.parse((await host.run(["drift", "--json"])).stdout);
      expect(findings).toHaveLength(1);
      await host.mustRun(["drift", "--fix", "--yes"]);
      expect(await check("openclaw.config")).toMatchObject({ status: "pass" });
      expect((await openclaw.run("config", "validate")).code).toBe(0);
      expect(JSON.stringify(contentOf(folder))).not.toContain("eeeeeeee");
    },
  );
});
