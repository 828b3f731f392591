import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contentOf } from "../support/folder";
import { describeUnless } from "../support/skip";
import { isFull } from "./support/full";
import { TestHost } from "./support/host";
import { OpenClaw } from "./support/openclaw";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";

const installed = process.env.TEST_OPENCLAW;
const reason = installed ? undefined : "the real OpenClaw is not installed";
const primary = "openrouter/anthropic/claude-sonnet-5";
const plain = `sk-or-v1-${"e".repeat(64)}`;

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
  ["the include dropped", () => '{ gateway: { mode: "local" } }\n', /does not include \.\/openrouter\.json5/],
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

describeUnless(isFull ? reason : "only in npm run test:full")("the real gateway's own word", () => {
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
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(path, '{\n  gateway: { mode: "local" }\n}\n', { mode: 0o600 });
    host.writeSettings("default", {
      openrouter: { baseUrl: openrouter.baseUrl },
      openclaw: { node: openclaw.node, command: openclaw.program },
    });
    await host.mustRun(["up"], { OPENROUTER_API_KEY: key });
    deployed = readFileSync(path, "utf8");
  });
  afterEach(() => writeFileSync(path, deployed));
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

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
  });

  test("it says the same while Vault is sealed: no agent's model depends on it", async () => {
    host.docker("restart", "vault");
    expect(await check("openclaw.gateway", "--no-unseal")).toMatchObject({ status: "pass" });
    await host.mustRun(["vault", "unseal"]);
  });

  test("in full, OpenClaw's own checks run, and ours is the only exec provider", async () => {
    const { details = [], summary } = await check("openclaw.gateway", "--gateway", "full");
    expect(details.join("\n")).not.toContain("was not asked");
    expect(`${summary}\n${details.join("\n")}`).toContain("core/doctor/");
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
