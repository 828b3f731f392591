import { fixOnJoined, namingInstance } from "../../lib/report/clean";

test.each([
  ["openclaw-openrouter up", "openclaw-openrouter host join"],
  ["openclaw-openrouter up --key-file FILE", "openclaw-openrouter host join"],
  ["openclaw-openrouter doctor", "openclaw-openrouter doctor"],
])("on a joined host, %s is %s", (fix, expected) => {
  expect(fixOnJoined(fix)).toBe(expected);
});

test("a host's command names its instance as well", () => {
  expect(namingInstance("lab", "openclaw-openrouter host join")).toBe(
    "openclaw-openrouter host join --instance lab",
  );
});
