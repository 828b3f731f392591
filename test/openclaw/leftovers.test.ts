import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import JSON5 from "json5";
import { writePrivateFile } from "../../lib/core/files/files";
import { homePaths } from "../../lib/model/home-paths";
import { install } from "../../lib/openclaw/install";
import { findLeftovers, withoutLeftovers } from "../../lib/openclaw/leftovers";
import { writeCredential } from "../../lib/store/credentials";
import { scratchFolder } from "../support/folder";

const fragment = `{
  secrets: { providers: { "openclaw-openrouter": { source: "exec", command: "/oc/resolver" } } },
  models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/api/v1", auth: "api-key",
    apiKey: { source: "exec", provider: "openclaw-openrouter", id: "openrouter/api_key" } } } },
  agents: { defaults: { model: { primary: "openrouter/a/b", fallbacks: ["openrouter/c/d"] } } },
}`;
const key = `sk-or-v1-${"a".repeat(64)}`;
const include = '"$include": ["./openrouter.json5"],';

test.each<[string, string, [string, string][], object]>([
  [
    "a placeholder instead of the reference",
    `gateway: { mode: "local" }, models: { providers: { openrouter: { apiKey: "__OPENCLAW_REDACTED__" } } }`,
    [["placeholder", "models.providers.openrouter.apiKey"]],
    { gateway: { mode: "local" } },
  ],
  [
    "a placeholder instead of the reference of models.json",
    `gateway: { mode: "local" }, models: { providers: { openrouter: { apiKey: "secretref-managed" } } }`,
    [["placeholder", "models.providers.openrouter.apiKey"]],
    { gateway: { mode: "local" } },
  ],
  [
    "a placeholder in the reference",
    `models: { providers: { openrouter: { apiKey: { source: "exec", id: "__OPENCLAW_REDACTED__" }, timeoutSeconds: 5 } } }`,
    [["placeholder", "models.providers.openrouter.apiKey.id"]],
    { models: { providers: { openrouter: { apiKey: { source: "exec" }, timeoutSeconds: 5 } } } },
  ],
  [
    "the plain key",
    `models: { providers: { own: { baseUrl: "x" }, openrouter: { apiKey: "${key}" } } }, x: 1`,
    [["key", "models.providers.openrouter.apiKey"]],
    { models: { providers: { own: { baseUrl: "x" } } }, x: 1 },
  ],
  [
    "a copy of the whole fragment, with a placeholder and a value of the user's own",
    `secrets: { providers: { "openclaw-openrouter": { source: "exec", command: "/oc/resolver" }, mine: { source: "env" } } },
     models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/api/v1", auth: "api-key", apiKey: "***", timeoutSeconds: 5 } } },
     agents: { defaults: { model: { primary: "openrouter/a/b", fallbacks: ["openrouter/c/d"] }, workspace: "/w" } }`,
    [
      ["copy", "models.providers.openrouter.baseUrl"],
      ["copy", "models.providers.openrouter.auth"],
      ["placeholder", "models.providers.openrouter.apiKey"],
      ["copy", "secrets.providers.openclaw-openrouter.source"],
      ["copy", "secrets.providers.openclaw-openrouter.command"],
      ["copy", "agents.defaults.model.primary"],
      ["copy", "agents.defaults.model.fallbacks"],
    ],
    {
      secrets: { providers: { mine: { source: "env" } } },
      models: { providers: { openrouter: { timeoutSeconds: 5 } } },
      agents: { defaults: { workspace: "/w" } },
    },
  ],
  [
    "nothing: a user's own values, one of them equal",
    `models: { providers: { openrouter: { auth: "api-key", apiKey: { source: "env", id: "X" } } } }, agents: { defaults: { model: "x/y" } }`,
    [],
    {
      models: { providers: { openrouter: { auth: "api-key", apiKey: { source: "env", id: "X" } } } },
      agents: { defaults: { model: "x/y" } },
    },
  ],
  [
    "nothing: a placeholder of another service",
    `channels: { telegram: { botToken: "__OPENCLAW_REDACTED__" } }`,
    [],
    { channels: { telegram: { botToken: "__OPENCLAW_REDACTED__" } } },
  ],
])("finds and removes %s", (_, own, leftovers, rest) => {
  const text = `// mine\n{\n  ${include}\n  ${own},\n}\n`;
  expect(findLeftovers(text, fragment).map(({ kind, name }) => [kind, name])).toEqual(leftovers);
  const cleaned = withoutLeftovers(text, fragment);
  expect(cleaned).toMatch(/^\/\/ mine\n/);
  expect(JSON5.parse(cleaned)).toEqual({ $include: ["./openrouter.json5"], ...rest });
  if (leftovers.length === 0) expect(cleaned).toBe(text);
});

test("a key that was in the file before the first deploy is its user's; a placeholder is nobody's", () => {
  const withKey = `{ models: { providers: { openrouter: { apiKey: "${key}" } } } }`;
  expect(findLeftovers(withKey, fragment, withKey)).toEqual([]);
  expect(withoutLeftovers(withKey, fragment, withKey)).toBe(withKey);
  const redacted = withKey.replace(key, "__OPENCLAW_REDACTED__");
  expect(findLeftovers(redacted, fragment, withKey)).toHaveLength(1);
});

test.each([
  ["a member", (each: string) => `{ models: { providers: { openrouter: { ${each.repeat(300)} } } } }`],
  [
    "an object around it",
    (each: string) => `{ ${`models: { providers: { openrouter: { ${each} } } }, `.repeat(1000)} }`,
  ],
])("%s that is there many times is refused: each would be another parse", (_, text) => {
  const many = text('apiKey: "***",');
  expect(findLeftovers(many, fragment).length).toBeGreaterThan(0);
  expect(() => withoutLeftovers(many, fragment)).toThrow(
    "it has models.providers.openrouter.apiKey more than once",
  );
});

test("a second install puts a copied configuration right, and no backup holds the key", () => {
  const place = scratchFolder();
  const [home, folder] = [join(place, "home"), join(place, "openclaw")];
  writePrivateFile(join(homePaths(home).rendered, "config.json"), "{}\n");
  writePrivateFile(join(homePaths(home).rendered, "openrouter.json5"), fragment);
  writeCredential(homePaths(home), "reader", { roleId: "role", secretId: "secret" });
  install({ home, folder });
  const path = join(folder, "openclaw.json");
  const placed = readFileSync(path, "utf8");
  const copied = fragment
    .replace(/apiKey: \{[^}]*\}/, `apiKey: "${key}"`)
    .replace(/\}$/, 'gateway: { mode: "local" } }');
  writeFileSync(path, copied, { mode: 0o600 });
  install({ home, folder });
  expect(JSON5.parse(readFileSync(path, "utf8"))).toEqual(JSON5.parse(placed));
  const backups = readdirSync(folder).filter((name) => name.startsWith("openclaw.json.bak-"));
  expect(backups).toHaveLength(1);
  for (const name of readdirSync(folder).filter((each) => each.startsWith("openclaw.json")))
    expect(readFileSync(join(folder, name), "utf8")).not.toContain("aaaaaaaa");
});
