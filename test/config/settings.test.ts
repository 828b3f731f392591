import { describeOption, listOptions, optionAt, settingsJsonSchema } from "../../lib/config/json-schema";
import { settingsSchema } from "../../lib/config/settings";

const options = listOptions().map(([path, option]) => ({ name: path.join("."), option }));

describe("the settings' schema", () => {
  test("no settings at all are the setup guide's arrangement", () => {
    expect(settingsSchema.parse({})).toMatchInlineSnapshot(`
      {
        "budget": {
          "alertEur": 10,
          "hardLimitEur": 30,
          "priceCeiling": 20,
          "rateDate": "2025-11-03",
          "usdPerEur": 1.15,
        },
        "check": {
          "accepted": [],
          "maxCostUsd": 0.005,
          "maxTokens": 16,
          "rotationDays": 90,
          "timeoutSeconds": 30,
        },
        "hosts": {},
        "models": {
          "default": "anthropic/claude-sonnet-5",
          "experimentation": "google/gemini-2.5-flash",
          "fallback": "anthropic/claude-haiku-4.5",
          "french": "mistralai/mistral-large-2512",
          "open": "meta-llama/llama-3.3-70b-instruct",
        },
        "openclaw": {
          "environment": "production",
          "instanceName": "openclaw",
          "maxTokens": 8192,
          "temperature": 0.3,
        },
        "openrouter": {
          "baseUrl": "https://openrouter.ai/api/v1",
          "path": "secret/openrouter",
          "title": "OpenClaw",
        },
        "rotation": {},
        "sandbox": {
          "port": 18201,
        },
        "terraform": {
          "backend": {
            "config": {},
            "type": "local",
          },
        },
        "vault": {
          "closeLoopback": false,
          "image": "hashicorp/vault:1.21.2",
          "listenPublic": false,
          "memoryMegabytes": 512,
          "port": 8200,
          "seal": {
            "type": "shamir",
          },
          "shares": 5,
          "telemetry": false,
          "threshold": 3,
          "ui": true,
        },
      }
    `);
  });

  test.each(options)("$name has one sentence and a documented default", ({ option }) => {
    const [sentence, ...more] = (option.description ?? "").split(" Default: ");
    expect(sentence).toMatch(/^[^.]+.*\.$/);
    // A default is a value in the schema, or told in words where it depends on the instance.
    expect(option.default === undefined ? more : []).toHaveLength(option.default === undefined ? 1 : 0);
  });

  test("each default is itself a valid setting", () => {
    const given = options.filter(({ option }) => option.default !== undefined);
    for (const { name, option } of given) {
      const [group = "", ...rest] = name.split(".");
      const nested = rest.reduceRight<unknown>((value, key) => ({ [key]: value }), option.default);
      expect(settingsSchema.safeParse({ [group]: nested }).error).toBeUndefined();
    }
    expect(given.length).toBeGreaterThan(20);
  });

  test("every group has a description and refuses other names", () => {
    const groups = Object.values(settingsJsonSchema().properties ?? {}).filter((node) => node.properties);
    expect(groups.length).toBeGreaterThan(0);
    for (const group of groups) {
      expect(group.description).toBeTruthy();
      expect(group.additionalProperties).toBe(false);
    }
  });
});

describe("rules", () => {
  const problems = (input: object) =>
    settingsSchema
      .safeParse(input)
      .error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];

  test.each([
    [{ vault: { shares: 2 } }, "vault.threshold: not more than `vault.shares`"],
    [
      { rotation: { expireDays: 90 } },
      "rotation.expireDays: more than `check.rotationDays`, so that a key is rotated before it ends",
    ],
    [
      { vault: { shares: 3, threshold: 1 } },
      "vault.threshold: at least 2, since `vault.shares` is more than 1",
    ],
    [
      { vault: { port: 9000 }, openrouter: { baseUrl: "http://localhost:9000/api/v1" } },
      "openrouter.baseUrl: a port other than the one at which Vault answers",
    ],
    [
      {
        vault: { address: "http://127.0.0.1:9000" },
        openrouter: { baseUrl: "http://localhost:9000/api/v1" },
      },
      "openrouter.baseUrl: a port other than the one at which Vault answers",
    ],
    [
      { vault: { address: "http://127.0.0.1:8200", caFile: "/ca.pem" } },
      "vault.caFile: no such option, unless `vault.address` begins with https:",
    ],
    [
      { vault: { address: ["https://one", "https://one"] } },
      "vault.address: https URLs that do not end in `/`, each once",
    ],
    [{ vault: { address: [] } }, "vault.address: https URLs that do not end in `/`, each once"],
    [
      { vault: { address: ["https://one", "http://127.0.0.1:8200"] } },
      "vault.address.1: https URLs that do not end in `/`, each once",
    ],
    [
      {
        vault: { address: ["https://one", "https://localhost:9000"] },
        openrouter: { baseUrl: "http://localhost:9000" },
      },
      "openrouter.baseUrl: a port other than the one at which Vault answers",
    ],
    [
      { vault: { namespace: "admin" } },
      "vault.namespace: no such option, unless `vault.address` names an external Vault",
    ],
    [
      { vault: { address: "https://vault.example:8200", namespace: "/admin/" } },
      "vault.namespace: a namespace such as `admin` or `admin/team`, without a slash at its ends",
    ],
    [
      { vault: { caFile: "/ca.pem" } },
      "vault.caFile: no such option, unless `vault.address` begins with https:",
    ],
    [
      { terraform: { backend: { config: { path: "x" } } } },
      "terraform.backend.config: no options, since the backend `local` keeps the state in the instance directory",
    ],
    [
      { terraform: { backend: { type: "pg", config: { schema_name: "openclaw" } } } },
      "terraform.backend.config: `{stack}` in the option that names the place, such as `schema_name`, `key`, `prefix`, `address` or `path`: each stack has its own state",
    ],
    [
      { terraform: { backend: { type: "s3" } } },
      "terraform.backend.config: `{stack}` in the option that names the place, such as `schema_name`, `key`, `prefix`, `address` or `path`: each stack has its own state",
    ],
    [
      {
        check: {
          accepted: [
            { id: "vault.shares", reason: "one" },
            { id: "vault.shares", reason: "two" },
          ],
        },
      },
      "check.accepted: each warning once",
    ],
    [
      {
        check: {
          accepted: [
            { id: "vault.shares", reason: "one" },
            { id: "vault.shares", warning: "on-host", reason: "two" },
          ],
        },
      },
      "check.accepted: each warning once",
    ],
    [
      { check: { accepted: [{ id: "openclaw.user", reason: "all of them" }] } },
      'check.accepted.0.warning: which warning of openclaw.user: "same-user", "reads:*", "engine", "privileged", "folder:*"; `openclaw-openrouter check --json` names those that it has now',
    ],
    [
      { check: { accepted: [{ id: "key.valid", warning: "expires:", reason: "none" }] } },
      'check.accepted.0.warning: which warning of key.valid: "free-tier", "free-calls", "expires:*"; `openclaw-openrouter check --json` names those that it has now',
    ],
    [
      { check: { accepted: [{ id: "vault.shares", reason: " " }] } },
      "check.accepted.0.reason: text that is not empty",
    ],
    [
      { check: { accepted: [{ id: "vault.shares", reason: "r", until: "soon" }] } },
      "check.accepted.0.until: a date such as 2026-11-23",
    ],
  ])("%j is refused", (input, expected) => {
    expect(problems(input)).toEqual([expected]);
  });

  test.each([
    [{ vault: { shares: 1, threshold: 1 } }],
    [{ rotation: { expireDays: 91 } }],
    [
      {
        check: {
          accepted: [
            { id: "vault.shares", reason: "the only one of its line" },
            { id: "openclaw.gateway", warning: "model:*", reason: "all of a kind" },
            { id: "openclaw.gateway", warning: "model:agent x:openai/gpt-5.5", reason: "one" },
          ],
        },
      },
    ],
    [{ openrouter: { baseUrl: "http://localhost:9000/api/v1" } }],
    [{ openrouter: { baseUrl: "http://[::1]:9000/api/v1" } }],
    [{ vault: { address: "https://vault.example:8200", caFile: "/ca.pem", container: "vault" } }],
    [{ vault: { address: ["https://one:8200", "https://two:8200"], caFile: "/ca.pem" } }],
    [
      {
        vault: { address: "http://127.0.0.1:9000" },
        openrouter: { baseUrl: "http://localhost:8200/api/v1" },
      },
    ],
    [{ openrouter: { baseUrl: "https://proxy.example/openrouter" } }],
    [
      {
        models: {
          default: "~anthropic/claude-sonnet-latest",
          open: "meta-llama/llama-3.3-70b-instruct:free",
        },
      },
    ],
    [{ vault: { image: "registry.example:5000/vault@sha256:0123456789abcdef" } }],
  ])("%j is accepted", (input) => {
    expect(problems(input)).toEqual([]);
  });

  test.each([
    ["openrouter.baseUrl", "http://proxy.example/api/v1"],
    ["openrouter.baseUrl", "http://127.0.0.1@proxy.example/api/v1"],
    ["openrouter.baseUrl", "https://openrouter.ai/api/v1/"],
    ["openrouter.baseUrl", "ftp://openrouter.ai"],
    ["models.default", "openrouter/anthropic/claude-sonnet-4"],
    ["models.default", "claude-sonnet-4"],
    ["openclaw.folder", "~/.openclaw"],
    ["openclaw.folder", "openclaw"],
    ["openclaw.folder", "/"],
    ["openclaw.instanceName", "  "],
    ["openrouter.title", "Zoé"],
    ["vault.container", "-vault"],
  ])("%s refuses %j", (name, value) => {
    const [group = "", option = ""] = name.split(".");
    expect(problems({ [group]: { [option]: value } })).toHaveLength(1);
  });

  test.each(["/home/u/.openclaw/", "/home//u/.openclaw", "/home/u/./x/../.openclaw"])(
    "OpenClaw's folder %s is the same folder by its one spelling",
    (folder) => {
      expect(settingsSchema.parse({ openclaw: { folder } }).openclaw.folder).toBe("/home/u/.openclaw");
    },
  );

  test.each(["https://kms.example:8200", "http://127.0.0.1:8400", "http://localhost:8400"])(
    "a transit seal at %s is accepted",
    (address) => {
      const seal = { type: "transit", transit: { address, tokenFile: "/etc/token" } };
      expect(problems({ vault: { seal } })).toEqual([]);
    },
  );

  test.each([
    ...["http://10.0.0.5:8200", "http://192.168.1.2:8200", "http://172.17.0.2:8200", "http://provider:8200"],
    ...[
      "http://0.0.0.0:8200",
      "http://127.0.0.1@kms.example",
      "http://localhost.example:8200",
      "https://kms/path",
    ],
  ])("a transit seal at %s is refused: its token would travel in the clear", (address) => {
    const seal = { type: "transit", transit: { address, tokenFile: "/etc/token" } };
    expect(problems({ vault: { seal } })).toEqual([
      "vault.seal.transit.address: an https URL without a path (http is for 127.0.0.1, localhost and [::1] only)",
    ]);
  });

  test.each(["http://127.0.0.2:8200", "http://localhost:8200", "http://[::1]:8200", "https://vault.example"])(
    "a Vault that is there already at %s is accepted",
    (address) => {
      expect(problems({ vault: { address } })).toEqual([]);
    },
  );

  test.each([
    "http://10.0.0.5:8200",
    "http://vault:8200",
    "http://127.evil.com",
    "http://2130706433:8200",
    "http://127.0.0.1.:8200",
  ])("one at %s is refused", (address) => {
    expect(problems({ vault: { address } })).toHaveLength(1);
  });

  test("a rule about several options is reported beside the fault of another option", () => {
    expect(problems({ vault: { shares: 2, ui: "yes" } })).toHaveLength(2);
  });
});

test("options are described by what they take", () => {
  expect(describeOption(optionAt(["vault", "port"]))).toBe("a whole number from 1 to 65535");
  expect(describeOption(optionAt(["vault", "memoryMegabytes"]))).toBe("a whole number, at least 128");
  expect(describeOption(optionAt(["check", "timeoutSeconds"]))).toBe("a number above 0, at most 600");
  expect(describeOption(optionAt(["vault", "address"]))).toBe("text or a list of texts");
  expect(describeOption(optionAt(["vault", "tls"]))).toBe("false or `{ certificateFile, keyFile, caFile }`");
  expect(optionAt(["vault", "toString"])).toBeUndefined();
});

const files = { certificateFile: "/c.pem", keyFile: "/k.pem", caFile: "/ca.pem" };

test.each([
  [{ listen: "10.0.0.5" }, true],
  [{ listen: "fd12::5" }, true],
  [{ listen: "0.0.0.0" }, false],
  [{ listen: "203.0.113.5" }, false],
  [{ listen: "127.0.0.1" }, false],
  [{ listen: "vault.internal" }, false],
  [{ listen: "10.0.0.5", tls: false }, false],
  [{ listen: "10.0.0.5", tls: files }, true],
  [{ listen: "10.0.0.5", tls: files, listenName: "vault.example.com" }, true],
  [{ listen: "10.0.0.5", listenName: "vault.example.com" }, false],
  [{ listen: "10.0.0.5", tls: files, listenName: "https://vault" }, false],
  [{ tls: files, listenName: "vault.example.com" }, false],
  [{ listen: "203.0.113.5", listenPublic: true, tls: files }, true],
  [{ listen: "203.0.113.5", tls: files }, false],
  [{ listen: "203.0.113.5", listenPublic: true }, false],
  [{ listen: "127.0.0.1", listenPublic: true, tls: files }, false],
  [{ listen: "::", listenPublic: true, tls: files }, false],
  [{ listenPublic: true, tls: files }, false],
  [{ listen: "10.0.0.5", address: "https://vault.internal:8200" }, false],
])("vault %j is accepted: %s", (vault, isAccepted) => {
  expect(settingsSchema.safeParse({ vault }).success).toBe(isAccepted);
});
