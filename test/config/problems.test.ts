import { parseSettings } from "../../lib/config/file";
import { type OptionSchema, settingsJsonSchema } from "../../lib/config/json-schema";
import { UserError } from "../../lib/core/errors";
import { ExitCode } from "../../lib/core/exit-codes";

/** The error of a wrong file; fails where the file is taken. */
function refusal(text: string, ending = "json", instance = "default"): UserError {
  try {
    parseSettings(text, `/s.${ending}`, instance);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("the settings were taken");
}

describe("wrong settings", () => {
  test("every problem is reported at once, each with its place", () => {
    const error = refusal(`{
  "vault": { "port": "8200", "treshold": 2, "shares": 2, "image": null },
  "port": 1, "max_tokens": 3, "spending": {},
  "models": { "default": "openrouter/anthropic/claude-sonnet-4" }
}`);
    expect(error.exitCode).toBe(ExitCode.WrongUsage);
    expect(error.message).toMatchInlineSnapshot(`
      "8 problems in the settings file /s.json; nothing was changed.
        vault.threshold · line 2, column 3
          got:      3 (the default)
          expected: not more than \`vault.shares\`
        vault.port · line 2, column 22
          got:      "8200"
          expected: a whole number from 1 to 65535
        vault.treshold · line 2, column 30
          got:      an unknown option
          expected: did you mean \`vault.threshold\`?
        vault.image · line 2, column 67
          got:      nothing (null)
          expected: an image such as \`hashicorp/vault:1.21.2\`
        port · line 3, column 3
          got:      an unknown option
          expected: did you mean \`vault.port\` or \`sandbox.port\`?
        max_tokens · line 3, column 14
          got:      an unknown option
          expected: did you mean \`openclaw.maxTokens\` or \`check.maxTokens\`?
        spending · line 3, column 31
          got:      an unknown option
          expected: one of vault, openrouter, models, openclaw, check, budget, hosts, rotation, sandbox, terraform
        models.default · line 4, column 26
          got:      "openrouter/anthropic/claude-sonnet-4"
          expected: a model id as OpenRouter lists it, \`author/model\`, or \`@preset/name\`, without OpenClaw's prefix \`openrouter/\`"
    `);
  });

  test.each([
    [
      "json",
      '{ "vault": { "port" 1, }',
      "line 1, column 21",
      "colon expected",
      "valid JSON (comments are allowed)",
    ],
    ["json", "{} {}", "line 1, column 4", "end of file expected", "valid JSON (comments are allowed)"],
    [
      "json",
      '{"vault": {\n"port": 1, "port": 1}}',
      "vault.port · line 2, column 12",
      "a duplicate name",
      "each name once",
    ],
    ["json", "[]", "line 1, column 1", "a list", "a group of options"],
    [
      "json",
      '{"__proto__": {}}',
      "__proto__ · line 1, column 2",
      "an unknown option",
      "one of vault, openrouter, models, openclaw, check, budget, hosts, rotation, sandbox, terraform",
    ],
    [
      "yaml",
      "vault:\n  port: 1\n  port: 2",
      "vault.port · line 3, column 3",
      "a duplicate name",
      "each name once",
    ],
    ["yaml", "vault:\n", "vault · line 1, column 7", "nothing (null)", "a group of options"],
    ["yaml", "vault: !include x", "line 1, column 8", "unresolved tag", "valid YAML"],
    [
      "yaml",
      "vault: &a {}\n",
      "line 1, column 11",
      "an anchor or alias; settings write each value out",
      "valid YAML",
    ],
    [
      "yaml",
      "vault: *a\n",
      "line 1, column 8",
      "an anchor or alias; settings write each value out",
      "valid YAML",
    ],
    [
      "yaml",
      "vault: {}\n---\ncheck: {}\n",
      "line 2, column 1",
      "several documents in one file",
      "valid YAML",
    ],
    [
      "yaml",
      "vault: {shares: 2}",
      "vault.threshold · line 1, column 1",
      "3 (the default)",
      "not more than `vault.shares`",
    ],
    [
      "yaml",
      "terraform: {backend: {type: postgres}}",
      "terraform.backend.type · line 1, column 29",
      '"postgres"',
      '"local", "pg", "s3", "gcs", "azurerm", "http", "consul" or "remote"',
    ],
    [
      "yaml",
      `openclaw: {folder: ${"x".repeat(60)}}`,
      "openclaw.folder · line 1, column 20",
      `"${"x".repeat(40)}…"`,
      "an absolute path, written out (no `~`), other than `/`",
    ],
  ])("%s %j", (ending, text, place, got, expected) => {
    expect(refusal(text, ending).message).toBe(
      [
        `1 problem in the settings file /s.${ending}; nothing was changed.`,
        `  ${place}`,
        `    got:      ${got}`,
        `    expected: ${expected}`,
      ].join("\n"),
    );
  });

  test.each([
    ["vault:\n  contaner: x", "did you mean `vault.container`?"],
    ["vault:\n  memory_megabytes: 1", "did you mean `vault.memoryMegabytes`?"],
    ["base-url: x", "did you mean `openrouter.baseUrl`?"],
    ["maxToken: 16", "did you mean `openclaw.maxTokens` or `check.maxTokens`?"],
    ["Vault: {}", "did you mean `vault`?"],
    ["terraform: {backend: {typ: pg}}", "did you mean `terraform.backend.type`?"],
    [
      "vault:\n  colour: red",
      "one of address, namespace, caFile, container, port, listen, listenName, listenPublic, image, memoryMegabytes, ui, telemetry, shares, threshold",
    ],
  ])("%j: %s", (text, suggestion) => {
    expect(refusal(text, "yaml").message).toContain(`expected: ${suggestion}`);
  });
});

test.each([
  [{ vault: { address: "127.0.0.1:8200" } }, "an https URL that does not end in `/`"],
  [{ openrouter: { baseUrl: "$BASE" } }, "an https URL that does not end in `/`"],
  [{ vault: { listen: "0.0.0.0" } }, "a private IP address"],
  [{ vault: { tls: "false" } }, "false or `{ certificateFile, keyFile, caFile }`"],
  [{ openclaw: { container: true } }, "text or false"],
  [{ openclaw: { container: "false" } }, "a container's name, or false without quotes"],
  [{ openclaw: { container: "true" } }, "a container's name, or false without quotes"],
  [{ _comment: "mine" }, "a comment, which begins with `//`"],
  [{ vault: { "//port": 1 } }, "a comment, which begins with `//`"],
  [{ vault: { address: "https://v.example/v1" } }, "the address alone, without `/v1` or `/ui`"],
  [
    { vault: { address: ["https://v1.example", "https://v2.example/ui/vault/secrets"] } },
    "the address alone, without `/v1` or `/ui`",
  ],
  [
    { vault: { address: "https://v.example" }, openrouter: { path: "secret/data/openrouter" } },
    "a path in the store `secret/`, such as `secret/openrouter/lab`, without the API's `data/`",
  ],
])("%j is one problem, which says what is expected", (settings, expected) => {
  const { message } = refusal(JSON.stringify(settings));
  expect(message).toContain("1 problem in");
  expect(message).toContain(`expected: ${expected}`);
});

test.each([
  "https://vault.example/vault",
  "https://vault.example:8200",
  ["https://v1:8200", "https://v2:8200"],
])("vault.address %j is accepted", (address) => {
  expect(parseSettings(JSON.stringify({ vault: { address } }), "/s.json", "default").vault.address).toEqual(
    address,
  );
});

test.each(["{ vault: {} }", "{ 'vault': {} }", "{ # mine\n}"])("%j: JSON takes double quotes", (text) => {
  expect(refusal(text).message).toContain("an invalid symbol, such as a name or text without double quotes");
});

/** Every group of options, by its path. */
function groupsIn(node: OptionSchema = settingsJsonSchema(), path: string[] = []): string[][] {
  if (!node.properties) return [];
  const below = Object.entries(node.properties).flatMap(([name, inner]) => groupsIn(inner, [...path, name]));
  return path.length > 0 ? [path, ...below] : below;
}

test.each(groupsIn().map((path) => path.join(".")))("%s without a value, as in YAML, is named", (path) => {
  const names = path.split(".");
  const text = names.map((name, depth) => `${"  ".repeat(depth)}${name}:`).join("\n");
  const instance = path === "sandbox" ? "sandbox" : "default";
  expect(refusal(`${text}\n`, "yaml", instance).message).toContain(`${path} · line ${names.length}, column`);
});

test("the instance `sandbox` refuses by name what it has fixed", () => {
  const text = `vault: { container: v, port: 0, ui: false }
openrouter: { baseUrl: "https://openrouter.ai/api/v1" }
openclaw: { folder: /srv/openclaw }
`;
  expect(refusal(text, "yaml", "sandbox").message).toMatchInlineSnapshot(`
    "4 problems in the settings file /s.yaml; nothing was changed.
      vault.container · line 1, column 10
        got:      an option that is fixed for the instance \`sandbox\`
        expected: no such option, or another instance (\`--instance NAME\`)
      vault.port · line 1, column 24
        got:      an option that is fixed for the instance \`sandbox\`
        expected: no such option, or another instance (\`--instance NAME\`)
      openrouter.baseUrl · line 2, column 15
        got:      an option that is fixed for the instance \`sandbox\`
        expected: no such option, or another instance (\`--instance NAME\`)
      openclaw.folder · line 3, column 13
        got:      an option that is fixed for the instance \`sandbox\`
        expected: no such option, or another instance (\`--instance NAME\`)"
  `);
  expect(parseSettings("vault: { ui: false }", "/s.yaml", "sandbox").vault.ui).toBe(false);
});

test("every other instance refuses what is the sandbox's alone", () => {
  expect(refusal("sandbox: { port: 18301 }", "yaml").message).toContain("options of the instance `sandbox`");
  expect(parseSettings("sandbox: { port: 18301 }", "/s.yaml", "sandbox").sandbox.port).toBe(18301);
  expect(refusal("sandbox: { port: 18200 }", "yaml", "sandbox").message).toContain(
    "a port other than 18200, at which the sandbox's Vault answers",
  );
});

describe("models that are out of date", () => {
  const parse = (id: string) => () =>
    parseSettings(`{\n  "models": { "french": ${JSON.stringify(id)} }\n}`, "/s.json", "default");

  test("are let pass where it is certain by which they are replaced", () => {
    expect(parse("google/gemini-2.0-flash-001")().models.french).toBe("google/gemini-2.0-flash-001");
  });

  test("are refused with their place and candidates where it is not", () => {
    expect(parse("mistral/mistral-large-latest")).toThrow(
      /models\.french · line 2, column 25\n.*which has an author and a name that OpenRouter does not use\n.*"mistralai\/mistral-large-2512" or "mistralai\/mistral-large"/,
    );
  });
});

test("beside vault.address, what is about a Vault of one's own is refused, by name", () => {
  const settings = { vault: { address: "http://127.0.0.1:8200", container: "vault", port: 8200, shares: 3 } };
  const { message } = refusal(JSON.stringify(settings, null, 2));
  expect(message).toContain("2 problems");
  for (const name of ["port", "shares"]) expect(message).toContain(`vault.${name} · line`);
  expect(message).toContain("`vault.address` names an external Vault");
});

test("vault.address travels unencrypted on this host only", () => {
  const { message } = refusal(JSON.stringify({ vault: { address: "http://vault.example:8200" } }));
  expect(message).toContain("expected: an https URL that does not end in `/`");
});

test("what is wrong in a list is reported with its place, and what would be right", () => {
  const error = refusal(
    `check:
  accepted:
    - id: vault.share
      reason: known
    - id: vault.shares
      resaon: known
`,
    "yaml",
  );
  expect(error.message).toMatch(
    /check\.accepted\.0\.id · line 3, column 11\n +got: +"vault\.share"\n +expected: "vault\.reachable", .*"vault\.shares"/,
  );
  expect(error.message).toContain("did you mean `check.accepted.1.reason`?");
  expect(error.message).toMatch(/check\.accepted\.1\.reason · line 5, column 7\n +got: +nothing\n/);
});
