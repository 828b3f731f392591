import { itemsOf, mergedConfig, stringAt, valueAt } from "../../../lib/openclaw/gateway/merged-config";
import { configuresProxy, withVariables } from "../../../lib/openclaw/gateway/variables";

/** The text of `model` in a configuration, beside its own variables. */
function modelOf(model: string, env: string, dotEnv?: string): string | undefined {
  const config = mergedConfig(
    "/oc/openclaw.json",
    `{ env: ${env}, list: [{ model: "${model}" }] }`,
    () => "",
  );
  const [item] = itemsOf(valueAt(withVariables(config, dotEnv), ["list"]));
  return stringAt(valueAt(item, ["model"]));
}

test.each<[string, string, string, string | undefined, string]>([
  ["of `env`", "${M}", '{ M: "x/y" }', undefined, "x/y"],
  ["of `env.vars`", "${M}", '{ vars: { M: "x/y" } }', undefined, "x/y"],
  ["of .env, which wins", "${M}", '{ M: "x/y" }', "# mine\nexport M='a/b' # note\n", "a/b"],
  ["of .env, in quotes", "${M}", "{}", 'M = "a/b"\n', "a/b"],
  ["of .env, with a comment", "${M}", "{}", "O=1\nM=a/b # note\n", "a/b"],
  ["within a text", "openrouter/${M}", '{ M: "x/y" }', undefined, "openrouter/x/y"],
  ["that nobody set", "${M}", "{}", "N=a/b", "${M}"],
  ["that is escaped", "$${M}", '{ M: "x/y" }', undefined, "$${M}"],
  ["in lower case, which OpenClaw does not know", "${m}", '{ m: "x/y" }', undefined, "${m}"],
])("a variable %s", (_, model, env, dotEnv, expected) => {
  expect(modelOf(model, env, dotEnv)).toBe(expected);
});

test("values that a small file names so often that they fill the memory are refused", () => {
  const env = `{ M: "${"x".repeat(20_000)}" }`;
  expect(modelOf("${M}".repeat(50), env)).toHaveLength(1_000_000);
  expect(() => modelOf("${M}".repeat(51), env)).toThrow("values of more than 1000000 letters");
});

test.each<[string, string, string | undefined, boolean]>([
  ["by `proxy`", '{ proxy: { proxyUrl: "http://proxy:3128" } }', undefined, true],
  ["by `env.vars`", '{ env: { vars: { https_proxy: "http://proxy:3128" } } }', undefined, true],
  ["by .env", "{}", "HTTPS_PROXY=http://proxy:3128", true],
  ["by .env, for OpenClaw alone", "{}", "OPENCLAW_PROXY_URL=http://proxy:3128", true],
  ["not by an empty value", "{}", "HTTPS_PROXY=", false],
  ["not by another variable", '{ env: { NO_PROXY: "*" } }', undefined, false],
])("a gateway has a proxy %s", (_, config, dotEnv, expected) => {
  expect(
    configuresProxy(
      mergedConfig("/oc/openclaw.json", config, () => ""),
      dotEnv,
    ),
  ).toBe(expected);
});
