import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureInstance } from "../../lib/store/home";
import { type InstanceChoice, selectInstance } from "../../lib/store/select";
import { scratchFolder } from "../support/folder";

const [empty, guide, sandbox, paris, several] = [
  [],
  ["default"],
  ["sandbox"],
  ["paris"],
  ["lyon", "paris"],
].map((names) => {
  const root = scratchFolder();
  for (const name of names) {
    ensureInstance(join(root, name));
    writeFileSync(join(root, name, "host.json"), "{}");
  }
  return root;
}) as [string, string, string, string, string];
/** As `synth` leaves it. */
const declared = scratchFolder();
ensureInstance(join(declared, "default"));

const up = (keyGiven: boolean): InstanceChoice => ({ keyGiven, begins: true });
const other = (keyGiven: boolean): InstanceChoice => ({ keyGiven });

test.each<[string, InstanceChoice, string | undefined, string, string]>([
  ["up on a new host", up(false), undefined, empty, "sandbox"],
  ["up on a new host, where synth wrote a declaration", up(false), undefined, declared, "sandbox"],
  ["any other command there", other(false), undefined, declared, "default"],
  ["up with a key", up(true), undefined, empty, "default"],
  ["up with a key, beside the sandbox", up(true), undefined, sandbox, "default"],
  ["up again, of the sandbox", up(false), undefined, sandbox, "sandbox"],
  ["up again, of the setup guide's", up(false), undefined, guide, "default"],
  ["up again, of the only one", up(false), undefined, paris, "paris"],
  ["any other command on a new host", other(false), undefined, empty, "default"],
  ["any other command, of the only one", other(false), undefined, paris, "paris"],
  ["any other command, of the sandbox", other(false), undefined, sandbox, "sandbox"],
  ["a key is never the sandbox's", other(true), undefined, sandbox, "default"],
  ["a key for the only one", other(true), undefined, paris, "paris"],
  ["any other command, where there are several", other(false), undefined, several, "default"],
  ["the variable", up(true), "rome", guide, "rome"],
  ["an empty variable", other(false), "", paris, "paris"],
  ["the option, before the variable", { named: "rome", keyGiven: true }, "paris", guide, "rome"],
  ["sandbox by name, with a key", { named: "sandbox", keyGiven: true }, undefined, guide, "sandbox"],
])("%s", (_, choice, variable, root, expected) => {
  const environment = { OPENCLAW_OPENROUTER_HOME: root, OPENCLAW_OPENROUTER_INSTANCE: variable };
  expect(selectInstance(choice, environment)).toBe(expected);
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
