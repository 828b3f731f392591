import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsSchema } from "../../../lib/config/settings";
import { deployment } from "../../../lib/model/deployment";
import { requireReadFolder } from "../../../lib/operations/deploy/openclaw-folder";
import { scratchFolder } from "../../support/folder";

const home = scratchFolder();
const before = process.env.HOME;
beforeAll(() => {
  process.env.HOME = home;
});
afterAll(() => {
  process.env.HOME = before;
});

const described = (openclaw: object = {}, instance = "default") =>
  deployment(instance, settingsSchema.parse({ openclaw }), join(home, "instance"), home);

test.each<[string, Record<string, string>, RegExp]>([
  [
    "a state directory",
    { OPENCLAW_STATE_DIR: "/srv/oc" },
    /\/srv\/oc\/openclaw\.json, by OPENCLAW_STATE_DIR of this shell/,
  ],
  [
    "a configuration",
    { OPENCLAW_CONFIG_PATH: "/srv/oc/main.json" },
    /mv \/srv\/oc\/main\.json \/srv\/oc\/openclaw\.json/,
  ],
  [
    "one with a name that is more than a name",
    { OPENCLAW_CONFIG_PATH: '/srv/o"c/$(id).json' },
    /"folder": "\/srv\/o\\"c" \}[\s\S]*mv '\/srv\/o"c\/\$\(id\)\.json' '\/srv\/o"c\/openclaw\.json'/,
  ],
  ["another home", { OPENCLAW_HOME: "/srv" }, /"openclaw": \{ "folder": "\/srv\/\.openclaw" \}/],
])("a deploy stops where OpenClaw's variables name %s, and names the setting", (_, env, told) => {
  expect(() => requireReadFolder(described(), env)).toThrow(told);
  expect(() => requireReadFolder(described({ folder: "/srv/x" }), env)).not.toThrow();
});

test("what a person copies from the fix is one word, on one line", () => {
  const env = { OPENCLAW_CONFIG_PATH: '/srv/"a"\nid;/main.json' };
  expect(() => requireReadFolder(described(), env)).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(/mv '\/srv\/"a" id;\/main\.json' '\/srv\/"a" id;\/openclaw\.json'/),
    }),
  );
  expect(() => requireReadFolder(described(), env)).toThrow('"folder": "/srv/\\"a\\" id;"');
});

test("goes on where they name the instance's own folder, by a link too", () => {
  expect(() => requireReadFolder(described(), {})).not.toThrow();
  expect(() => requireReadFolder(described(), { OPENCLAW_PROFILE: "work" })).not.toThrow();
  mkdirSync(join(home, "real"));
  writeFileSync(join(home, "real/openclaw.json"), "{}");
  symlinkSync(join(home, "real"), join(home, ".openclaw"));
  expect(() => requireReadFolder(described(), { OPENCLAW_STATE_DIR: join(home, "real") })).not.toThrow();
});

test("stops where the user's service reads another folder, unless there is a gateway of this one too", () => {
  const units = join(home, ".config/systemd/user");
  mkdirSync(units, { recursive: true });
  writeFileSync(
    join(units, "openclaw-gateway-work.service"),
    "[Service]\nExecStart=/usr/bin/node /opt/openclaw/dist/index.js --profile work gateway\n",
  );
  const fresh = described({}, "fresh");
  expect(() => requireReadFolder(fresh, {})).toThrow(/the service openclaw-gateway-work\.service/);
  mkdirSync(join(home, ".openclaw-work/openclaw-openrouter"), { recursive: true });
  expect(() => requireReadFolder(fresh, {})).not.toThrow();
});
