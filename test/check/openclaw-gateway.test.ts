import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckReport } from "../../lib/report/check-report";
import { type Bed, makeBed } from "./support";

let bed: Bed;
jest.setTimeout(60_000);
beforeAll(async () => {
  bed = await makeBed();
});
beforeEach(() => bed.reset());
afterAll(() => bed.close());

/** Adds members to the gateway's own file, each on a line of its own. */
function configure(own: string): void {
  const path = join(bed.deployment.openclawFolder, "openclaw.json");
  writeFileSync(path, readFileSync(path, "utf8").replace(/\n}\s*$/, `,\n  ${own}\n}\n`));
}
async function found(...args: string[]) {
  const { json } = await bed.check("--only", "openclaw.gateway", "--json", ...args);
  const report = JSON.parse(json) as CheckReport;
  return report.results.find(({ id }) => id === "openclaw.gateway");
}

test("passes on what was deployed, and says that the gateway was not asked", async () => {
  expect(await found()).toMatchObject({
    status: "pass",
    summary: "main: declared models, Vault's key (from its files)",
    details: [
      "agent main: openrouter/anthropic/claude-sonnet-5, with Vault's key",
      expect.stringMatching(/^the gateway was not asked: no program openclaw was found for /),
    ],
  });
});

test("warns of an agent's own model, with its file and line", async () => {
  configure(
    '"agents": { "list": [{ "id": "main", "default": true, "model": { "primary": "openai/gpt-5.5", "fallbacks": [] } }] }',
  );
  const path = join(bed.deployment.openclawFolder, "openclaw.json");
  expect(await found("--gateway", "no")).toMatchObject({
    status: "warn",
    summary: `agent main uses openai/gpt-5.5, not a declared model (${path}, line 4: agents.list.0.model.primary)`,
    fix: expect.stringContaining("declare the model in the settings"),
    details: [
      "agent main: openai/gpt-5.5, with the key of the provider openai",
      "the gateway was not asked: left out by --gateway no",
    ],
  });
});

test("warns if OpenClaw starts no gateway with the file: it needs gateway.mode", async () => {
  const path = join(bed.deployment.openclawFolder, "openclaw.json");
  writeFileSync(path, '{ "$include": ["./openrouter.json5"] }', { mode: 0o600 });
  expect(await found()).toMatchObject({
    status: "warn",
    summary: `gateway.mode is missing in ${path}: OpenClaw starts no gateway with it on this host`,
    fix: `Set gateway: { mode: "local" } in ${path}.`,
  });
});

test.each([
  ["a placeholder", "__OPENCLAW_REDACTED__", /wrote its placeholder instead of a secret/],
  ["a plain key", `sk-or-v1-${"e".repeat(64)}`, /A plain key was written/],
])(
  "%s that OpenClaw wrote in the key's place is one failure, with its line and its fix",
  async (_, apiKey, what) => {
    configure(`"models": { "providers": { "openrouter": { "apiKey": "${apiKey}" } } }`);
    const { json } = await bed.check("--only", "openclaw.config", "--json");
    const [found] = (JSON.parse(json) as CheckReport).results;
    expect(found).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(what),
      fix: expect.stringMatching(/^openclaw-openrouter drift --fix/),
    });
    expect(found?.summary).toMatch(/^\S+openclaw\.json, line 4: [^;]*$/);
    expect(json).not.toContain("eeeeeeee");
  },
);

test("what the program says is shown without what a terminal obeys, and without a key", async () => {
  const program = join(bed.folder, "bin/openclaw");
  const key = `sk-or-v1-${"d".repeat(64)}`;
  writeProgram(program, [{ id: "main", model: `x/\u001b[2J${key}` }]);
  const { json, text } = await bed.check("--only", "openclaw.gateway", "--json");
  for (const output of [json, text]) {
    expect(output).toContain("agent main uses x/");
    expect(output).not.toContain("\u001b[2J");
    expect(output).not.toContain(key);
    expect(output).not.toContain("dddddddd");
  }
});

function writeProgram(path: string, agents: object): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!${process.execPath}\nconsole.log(${JSON.stringify(JSON.stringify(agents))})\n`);
  chmodSync(path, 0o700);
}
