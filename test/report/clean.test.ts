import { commandsOf, pathOf } from "../../lib/cli/command";
import { buildProgram } from "../../lib/cli/program";
import { fixOnJoined, namingInstance } from "../../lib/report/clean";

test.each([
  ["openclaw-openrouter up", "openclaw-openrouter host join"],
  ["openclaw-openrouter up --key-file FILE", "openclaw-openrouter host join"],
  ["openclaw-openrouter drift --fix", "openclaw-openrouter host join"],
  ["openclaw-openrouter doctor", "openclaw-openrouter check"],
  ["Rotate it: openclaw-openrouter key rotate", "Rotate it: on the Vault's host the command `host rotate`"],
  ["openclaw-openrouter schedule add", "openclaw-openrouter schedule add"],
])("on a joined host, %s is %s", (fix, expected) => {
  expect(fixOnJoined(fix)).toBe(expected);
});

test.each(commandsOf(buildProgram()).map((command) => [pathOf(command), command] as const))(
  "a text names the instance for `%s` if the command takes it",
  (path, { options }) => {
    const takes = options.some(({ long }) => long === "--instance");
    expect(namingInstance("lab", `Run openclaw-openrouter ${path}.`)).toBe(
      `Run openclaw-openrouter ${path}${takes ? " --instance lab" : ""}.`,
    );
  },
);

test.each([
  ["openclaw-openrouter destroy --purge", "openclaw-openrouter destroy --instance lab --purge"],
  ["openclaw-openrouter drift --fix: a", "openclaw-openrouter drift --fix --instance lab: a"],
  ["openclaw-openrouter host rotate web1", "openclaw-openrouter host rotate --instance lab web1"],
  [
    "openclaw-openrouter up, then openclaw-openrouter check --instance a\n`openclaw-openrouter status`",
    "openclaw-openrouter up --instance lab, then openclaw-openrouter check --instance a\n`openclaw-openrouter status --instance lab`",
  ],
])("the instance is named behind the command: %s", (text, expected) => {
  expect(namingInstance("lab", text)).toBe(expected);
});

test.each([
  "up --instance a",
  "drift --fix --instance a",
  "restore --from b --instance a\nresumes it",
  "up-to-date",
])("another instance stays, and another word: %s", (text) => {
  expect(namingInstance("lab", `openclaw-openrouter ${text}`)).toBe(`openclaw-openrouter ${text}`);
});
