import { join } from "node:path";
import { ensureInstance } from "../../lib/instance/home";
import { type InstanceChoice, selectInstance } from "../../lib/instance/select";
import { scratchFolder } from "../support/folder";

const empty = scratchFolder();
const used = scratchFolder();
ensureInstance(join(used, "default"));

test.each<[string, InstanceChoice, string | undefined, string, string]>([
  ["no key, no home", { keyGiven: false }, undefined, empty, "sandbox"],
  ["a key", { keyGiven: true }, undefined, empty, "default"],
  ["a home default", { keyGiven: false }, undefined, used, "default"],
  ["a key and a home", { keyGiven: true }, undefined, used, "default"],
  ["the variable", { keyGiven: true }, "paris", used, "paris"],
  ["an empty variable", { keyGiven: false }, "", empty, "sandbox"],
  ["the option, before the variable", { named: "rome", keyGiven: true }, "paris", used, "rome"],
  ["sandbox by name, with a key", { named: "sandbox", keyGiven: true }, undefined, used, "sandbox"],
])("%s", (_, choice, variable, root, expected) => {
  const environment = { OPENCLAW_OPENROUTER_HOME: root, OPENCLAW_OPENROUTER_INSTANCE: variable };
  expect(selectInstance(choice, environment)).toBe(expected);
});

test("a folder `default` without an instance in it is no home", () => {
  const root = scratchFolder();
  expect(selectInstance({ keyGiven: false }, { OPENCLAW_OPENROUTER_HOME: root })).toBe("sandbox");
});

test.each(["..", "a/b", "Paris", "-x", "a b", "a\nb", "x".repeat(32)])(
  "refuses the name %j as wrong usage",
  (named) => {
    expect(() => selectInstance({ named, keyGiven: false }, {})).toThrow(
      expect.objectContaining({ exitCode: 64, message: expect.stringContaining(JSON.stringify(named)) }),
    );
  },
);

test.each(["a", "paris-2", "0", "x".repeat(31)])("takes the name %s", (named) => {
  expect(selectInstance({ named, keyGiven: false }, {})).toBe(named);
});
