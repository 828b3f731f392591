import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accountOf } from "../../../lib/core/system/os-user";
import { type ViewOptions, viewGateway } from "../../../lib/openclaw/gateway/view";
import { scratchFolder } from "../../support/folder";

const place = scratchFolder();
const account = { ...accountOf(), home: join(place, "home") };
const folder = join(place, "openclaw");
const asked = join(place, "asked");
const declared = "openrouter/anthropic/claude-sonnet-5";
const fragment = `{ models: { providers: { openrouter: { auth: "api-key",
  apiKey: { source: "exec", provider: "openclaw-openrouter", id: "openrouter/api_key" } } } },
  agents: { defaults: { model: { primary: "${declared}", fallbacks: [] } } } }`;

mkdirSync(folder, { mode: 0o700 });
mkdirSync(account.home);
writeFileSync(join(folder, "openrouter.json5"), fragment, { mode: 0o600 });

/** A program in OpenClaw's place. It notes what it was asked, and in which environment. */
function program(script: string): string {
  const path = join(place, `openclaw-${readdirSync(place).length}`);
  writeFileSync(
    path,
    `#!${process.execPath}\nconst args = process.argv.slice(2).join(" ");
    require("fs").appendFileSync("${asked}", args + "\\n" + JSON.stringify(process.env) + "\\n");\n${script}\n`,
  );
  chmodSync(path, 0o700);
  writeFileSync(asked, "");
  return path;
}
const questions = () =>
  readFileSync(asked, "utf8")
    .split("\n")
    .filter((_, at) => at % 2 === 0 && _ !== "");
const answering = (list: unknown, status: unknown = {}) =>
  program(
    `console.log(JSON.stringify(args.startsWith("agents") ? ${JSON.stringify(list)} : ${JSON.stringify(status)}))`,
  );

function view(own: string, options: Partial<ViewOptions>) {
  writeFileSync(join(folder, "openclaw.json"), `{ "$include": ["./openrouter.json5"], ${own} }`, {
    mode: 0o600,
  });
  return viewGateway({
    account,
    folder,
    declared: ["anthropic/claude-sonnet-5", "anthropic/claude-haiku-4.5"],
    mode: "auto",
    nodes: [],
    ...options,
  });
}

test("asks once for all agents, and again only for one whose model is not declared", async () => {
  const command = answering(
    [
      { id: "main", model: declared },
      { id: "french", model: "openrouter/anthropic/claude-haiku-4.5" },
      { id: "work", model: "gpt" },
    ],
    { resolvedDefault: "openai/gpt-5.5" },
  );
  const seen = await view("", { command });
  expect(questions()).toEqual(["agents list --json", "models status --agent work --json"]);
  expect(seen?.agents.map(({ model }) => model)).toEqual([
    declared,
    "openrouter/anthropic/claude-haiku-4.5",
    "openai/gpt-5.5",
  ]);
  expect(seen?.mismatches).toEqual([
    {
      who: "agent work",
      what: "model",
      value: "openai/gpt-5.5",
      fix: "openclaw models status --agent work",
    },
  ]);
});

test("an alias of the files is not asked for", async () => {
  const command = answering([{ id: "main", model: "Sonnet" }]);
  const own = `agents: { defaults: { models: { "${declared}": { alias: "sonnet" } } } }`;
  const seen = await view(own, { command });
  expect(questions()).toEqual(["agents list --json"]);
  expect(seen?.mismatches).toEqual([]);
});

test("names the line of what the gateway tells, once", async () => {
  const command = answering([{ id: "main", model: "openai/gpt-5.5" }], { resolvedDefault: "openai/gpt-5.5" });
  const seen = await view(
    'agents: { list: [{ id: "main", model: { primary: "openai/gpt-5.5", fallbacks: [] } }] }',
    {
      command,
    },
  );
  expect(seen?.mismatches).toEqual([
    {
      who: "agent main",
      what: "model",
      value: "openai/gpt-5.5",
      name: "agents.list.0.model.primary",
      file: join(folder, "openclaw.json"),
      line: 1,
    },
  ]);
});

test("its program gets a clean environment, and a state of its own that is gone afterwards", async () => {
  process.env.SECRET_OF_THE_DEPLOYER = "x";
  const command = answering([{ id: "main", model: declared }]);
  const before = readdirSync(folder);
  await view("", { command });
  delete process.env.SECRET_OF_THE_DEPLOYER;
  const env = JSON.parse(readFileSync(asked, "utf8").split("\n")[1] ?? "");
  expect(env).toMatchObject({ HOME: account.home, OPENCLAW_CONFIG_PATH: join(folder, "openclaw.json") });
  expect(Object.keys(env)).not.toContain("SECRET_OF_THE_DEPLOYER");
  expect(env.OPENCLAW_STATE_DIR).not.toBe(folder);
  expect(() => readdirSync(env.OPENCLAW_STATE_DIR)).toThrow(/ENOENT/);
  expect(readdirSync(folder)).toEqual(before);
});

test("its program includes files from where the gateway that reads this folder may", async () => {
  const units = join(account.home, ".config/systemd/user");
  mkdirSync(units, { recursive: true });
  const service = (name: string, state: string, roots: string) =>
    writeFileSync(
      join(units, `openclaw-${name}.service`),
      `[Service]\nExecStart=/usr/bin/node /opt/openclaw/dist/index.js gateway\nEnvironment=OPENCLAW_STATE_DIR=${state} OPENCLAW_INCLUDE_ROOTS=${roots}\n`,
    );
  service("a", "/srv/other", "/srv/others");
  service("b", folder, "/srv/shared");
  const command = answering([{ id: "main", model: declared }]);
  await view("", { command });
  rmSync(units, { recursive: true });
  const env = JSON.parse(readFileSync(asked, "utf8").split("\n")[1] ?? "");
  expect(env).toMatchObject({ OPENCLAW_INCLUDE_ROOTS: "/srv/shared" });
});

test.each<[string, string, RegExp]>([
  [
    "refuses",
    'console.log(JSON.stringify({ ok: false, error: { message: "config is invalid" } })); process.exit(1)',
    /config is invalid/,
  ],
  ["fails", 'console.error("cannot open\\n"); process.exit(3)', /exit code 3: cannot open/],
  ["says something else", 'console.log("hello")', /has another form/],
  ["says too much", 'console.log("x".repeat(2 ** 21))', /more than 1048576 bytes/],
])("reads the files where its program %s, and says so", async (_, script, problem) => {
  const seen = await view('agents: { entries: { work: { model: { primary: "x/y", fallbacks: [] } } } }', {
    command: program(script),
  });
  expect(seen).toMatchObject({
    notAsked: expect.stringMatching(problem),
    agents: [{ id: "work", model: "x/y" }],
  });
  expect(seen?.mismatches).toHaveLength(1);
});

test("tells what OpenClaw refuses in its configuration", async () => {
  const command = program(`console.log(JSON.stringify({ ok: false, error: { message: "config is invalid" },
    issues: [{ path: "foo", message: "Unrecognized key" }] })); process.exit(1)`);
  expect(await view("foo: 1", { command })).toMatchObject({ refused: "foo: Unrecognized key" });
});

test("is not asked where it is not there, or not wanted", async () => {
  expect(await view("", { command: join(place, "none") })).toMatchObject({
    notAsked: expect.stringContaining("is not there"),
  });
  const command = answering([]);
  expect(await view("", { command, mode: "no" })).toMatchObject({ notAsked: "left out by --gateway no" });
  expect(questions()).toEqual([]);
});

test("root does not run a program that another user may change", async () => {
  if (process.getuid?.() !== 0) return;
  const command = answering([]);
  chmodSync(command, 0o777);
  expect(await view("", { command })).toMatchObject({
    notAsked: expect.stringContaining("everybody can write to"),
  });
  expect(questions()).toEqual([]);
});

test("reads a model of a variable in .env, as its program does", async () => {
  const command = program(
    `const env = require("fs").readFileSync(process.env.OPENCLAW_STATE_DIR + "/.env", "utf8");
     console.log(JSON.stringify([{ id: "main", model: env.trim().split("=")[1] }]))`,
  );
  writeFileSync(join(folder, ".env"), `MODEL=${declared}\n`, { mode: 0o600 });
  const own = 'agents: { entries: { main: { model: { primary: "${MODEL}", fallbacks: [] } } } }';
  for (const mode of ["auto", "no"] as const) {
    const seen = await view(own, { command, mode });
    expect(seen).toMatchObject({ agents: [{ id: "main", model: declared }], mismatches: [] });
    expect(seen?.asked === undefined).toBe(mode === "no");
  }
  rmSync(join(folder, ".env"));
});

test("does not ask for an agent's status if there is another exec provider, which that would run", async () => {
  const command = answering([{ id: "main", model: "gpt-5.5" }]);
  const own = 'secrets: { providers: { mine: { source: "exec", command: "/bin/x" } } }';
  const seen = await view(own, { command });
  expect(questions()).toEqual(["agents list --json"]);
  expect(seen?.agents).toEqual([{ id: "main", model: "gpt-5.5" }]);
});

test.each<[string, string, object[]]>([
  ["cannot win over Vault's key", "", []],
  [
    "can",
    'models: { providers: { openrouter: { auth: "token" } } },',
    [{ who: "agent main", what: "profile", value: "openrouter:mine" }],
  ],
])("tells of a model that pins a stored credential if that %s", async (_, own, mismatches) => {
  const agent = `agents: { entries: { main: { model: { primary: "${declared}@openrouter:mine", fallbacks: [] } } } }`;
  const seen = await view(`${own} ${agent}`, { mode: "no" });
  expect(seen?.mismatches).toMatchObject(mismatches);
  expect(seen?.mismatches).toHaveLength(mismatches.length);
});

test.each<[string, string, string | undefined]>([
  ["gateway.mode is local", 'gateway: { mode: "local" }', undefined],
  ["gateway.mode is another", 'gateway: { mode: "remote" }', "remote"],
  ["there is no gateway.mode", "", ""],
])("tells whether OpenClaw starts a gateway if %s", async (_, own, otherMode) => {
  expect((await view(own, { mode: "no" }))?.otherMode).toBe(otherMode);
});

/** Answers to all questions of mode `full`, by their first word. */
const full = `({
  agents: [],
  secrets: { findings: [{ code: "PLAINTEXT", message: "a plain key", file: "/oc/x" }] },
  sessions: { sessions: [{ key: "a", providerOverride: "openrouter", modelOverride: "openai/gpt-5.5" },
    { key: "b", model: "x/y" }, { key: "c", modelOverride: "${declared}" }] },
  cron: { jobs: [{ id: "1", name: "nightly", enabled: true, payload: { model: "x/y" } },
    { id: "2", name: "off", enabled: false, payload: { model: "x/y" } }, { id: "3", name: "plain", enabled: true, payload: {} }] },
  doctor: { findings: [{ checkId: "core/x", severity: "warning", message: "is off", path: "gateway" },
    { checkId: "core/y", severity: "info", message: "fine" }] },
})[args.split(" ")[0]]`;

test.each<[string, string, string[]]>([
  ["only ours", "", ["--allow-exec"]],
  ["another", 'secrets: { providers: { mine: { source: "exec", command: "/bin/x" } } }', []],
])("in full it runs OpenClaw's own checks; exec providers only if there is %s", async (_, own, flags) => {
  const command = program(
    `console.log(JSON.stringify(${full})); process.exit(args.startsWith("doctor") ? 1 : 0)`,
  );
  const seen = await view(own, { command, mode: "full" });
  expect(questions()).toEqual([
    "agents list --json",
    ["secrets audit --check --json", ...flags].join(" "),
    "sessions --all-agents --active 43200 --json",
    "cron list --json",
    "doctor --lint --json",
  ]);
  expect(seen?.full).toMatchObject({
    findings: ["core/x: is off (gateway)", "secrets audit: PLAINTEXT, a plain key, /oc/x"],
    unanswered: [],
  });
});

test("in full it names the chats and jobs that keep another model, with their fix", async () => {
  const seen = await view("", { command: program(`console.log(JSON.stringify(${full}))`), mode: "full" });
  expect(seen?.mismatches).toEqual([
    {
      who: "the chat a",
      what: "model",
      value: "openrouter/openai/gpt-5.5",
      fix: "Send `/model default -s` in that chat.",
    },
    { who: "the job nightly", what: "model", value: "x/y", fix: "openclaw cron edit 1 --clear-model" },
  ]);
});

test("in full it keeps what was answered, and says what was not", async () => {
  const command =
    program(`if (!/^(agents|doctor)/.test(args)) { console.error("no gateway"); process.exit(1); }
    console.log(JSON.stringify(${full}))`);
  expect(await view("", { command, mode: "full" })).toMatchObject({
    asked: {},
    full: {
      findings: ["core/x: is off (gateway)"],
      unanswered: [
        "`openclaw secrets audit`: exit code 1: no gateway",
        "`openclaw sessions --all-agents`: exit code 1: no gateway",
        "`openclaw cron list`: exit code 1: no gateway",
      ],
    },
  });
});

test("no name that the user chose begins a line of a report or a fix, or a command of its own", async () => {
  const odd = "a\nid;\n";
  const key = join(folder, `${odd}.sqlite`);
  writeFileSync(key, `sk-or-v1-${"e".repeat(64)}`, { mode: 0o600 });
  writeFileSync(join(folder, `${odd}.json5`), '{ agents: { defaults: { model: "x/y" } } }', { mode: 0o600 });
  const own = `agents: { "$include": ${JSON.stringify(`./${odd}.json5`)}, entries: { ${JSON.stringify(odd)}: { model: { primary: "x/y", fallbacks: [] } } } }`;
  const inFiles = await view(own, { mode: "no" });
  const list = [{ id: odd, model: "openai/gpt-5.5" }];
  const asked = await view("", { command: answering(list, { resolvedDefault: "x/y" }) });
  rmSync(key);
  expect(inFiles?.keys.files).toEqual(["a id; .sqlite"]);
  expect(inFiles?.mismatches).toMatchObject([{ name: "agents.entries.a id; .model.primary" }]);
  expect([...(inFiles?.unread ?? [])]).toEqual([[join(folder, "a id; .json5"), "its name is not valid"]]);
  expect(asked?.mismatches).toMatchObject([{ fix: "openclaw models status --agent 'a id; '" }]);
});
