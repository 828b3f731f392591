import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accountOf } from "../../../lib/core/os-user";
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
  expect(seen?.mismatches).toEqual([{ who: "agent work", what: "model", value: "openai/gpt-5.5" }]);
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

test.each<[string, string, string[]]>([
  ["only ours", "", ["--allow-exec"]],
  ["another", 'secrets: { providers: { mine: { source: "exec", command: "/bin/x" } } }', []],
])("in full it runs OpenClaw's own checks; exec providers only if there is %s", async (_, own, flags) => {
  const command =
    program(`console.log(JSON.stringify(args.startsWith("agents") ? [] : args.startsWith("doctor")
    ? { findings: [{ checkId: "core/x", severity: "warning", message: "is off", path: "gateway" },
                   { checkId: "core/y", severity: "info", message: "fine" }] }
    : { findings: [{ code: "PLAINTEXT", message: "a plain key", file: "/oc/x" }] })); process.exit(args.startsWith("agents") ? 0 : 1)`);
  const seen = await view(own, { command, mode: "full" });
  expect(questions()).toEqual([
    "agents list --json",
    "doctor --lint --json",
    ["secrets audit --check --json", ...flags].join(" "),
  ]);
  expect(seen?.full?.findings).toEqual([
    "core/x: is off (gateway)",
    "secrets audit: PLAINTEXT, a plain key, /oc/x",
  ]);
});
