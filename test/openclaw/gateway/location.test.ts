import { satisfies } from "../../../lib/core/node-range";
import { parseUnit } from "../../../lib/openclaw/gateway/instances";
import { gatewayLocation } from "../../../lib/openclaw/gateway/location";

test.each<[string, Record<string, string>, string[], object]>([
  ["by default", {}, [], { config: "/h/.openclaw/openclaw.json", state: "/h/.openclaw" }],
  [
    "by a state directory",
    { OPENCLAW_STATE_DIR: "/srv/oc" },
    [],
    { config: "/srv/oc/openclaw.json", state: "/srv/oc", by: "OPENCLAW_STATE_DIR" },
  ],
  [
    "by a configuration elsewhere",
    { OPENCLAW_STATE_DIR: "~/oc", OPENCLAW_CONFIG_PATH: "/etc/oc/main.json" },
    [],
    { config: "/etc/oc/main.json", state: "/h/oc", by: "OPENCLAW_CONFIG_PATH" },
  ],
  [
    "by another home",
    { OPENCLAW_HOME: "~/svc" },
    [],
    { config: "/h/svc/.openclaw/openclaw.json", state: "/h/svc/.openclaw", by: "OPENCLAW_HOME" },
  ],
  ["by nothing", { OPENCLAW_HOME: "undefined", OPENCLAW_STATE_DIR: " " }, [], { state: "/h/.openclaw" }],
  [
    "where a profile's variable alone moves nothing",
    { OPENCLAW_PROFILE: "work" },
    [],
    { state: "/h/.openclaw" },
  ],
  ["by the default profile", {}, ["openclaw", "--profile", "Default"], { state: "/h/.openclaw" }],
  [
    "by an option",
    {},
    ["node", "openclaw.mjs", "--profile", "work", "gateway"],
    { state: "/h/.openclaw-work", by: "--profile" },
  ],
  [
    "by an option in one word",
    {},
    ["openclaw", "--profile=work"],
    { state: "/h/.openclaw-work", by: "--profile" },
  ],
  ["for development", {}, ["openclaw", "--dev", "gateway"], { state: "/h/.openclaw-dev", by: "--dev" }],
  [
    "by a state directory, although there is a profile",
    { OPENCLAW_STATE_DIR: "/srv/oc" },
    ["openclaw", "--profile", "work"],
    { state: "/srv/oc", by: "OPENCLAW_STATE_DIR" },
  ],
])("finds the gateway's files %s", (_, env, args, location) =>
  expect(gatewayLocation({ env, args, home: "/h" })).toMatchObject(location),
);

test("reads a unit of systemd", () => {
  const unit = parseUnit(
    `[Service]
ExecStart=/usr/bin/node "/opt/my openclaw/dist/index.js" gateway --port 18789
Environment=HOME=/h "OPENCLAW_STATE_DIR=/srv/my oc"
Environment = "OPENCLAW_PROFILE=work"
`,
    {},
  );
  expect(unit.args).toEqual([
    "/usr/bin/node",
    "/opt/my openclaw/dist/index.js",
    "gateway",
    "--port",
    "18789",
  ]);
  expect(unit.env).toEqual({ HOME: "/h", OPENCLAW_STATE_DIR: "/srv/my oc", OPENCLAW_PROFILE: "work" });
});

const engines = ">=24.16.0 <25 || >=26.1.0";
test.each([
  ["v24.16.0", engines, true],
  ["v24.15.9", engines, false],
  ["v25.3.0", engines, false],
  ["v26.0.9", engines, false],
  ["v26.1.0", engines, true],
  ["v22.22.1", "^22.12 || 24.x", true],
  ["v23.0.0", "^22.12 || 24.x", false],
  ["v24.99.0", "^22.12 || 24.x", true],
  ["v20.9.1", "~20.9.0", true],
  ["v20.10.0", "~20.9.0", false],
  ["v25.0.0", "> 24", true],
  ["v24.5.0", "> 24", false],
  ["v24.5.0", "<=24", true],
  ["v24.5.0", "*", true],
  ["v24.5.0", "latest", true],
])("Node %s satisfies %s: %s", (version, range, answer) => expect(satisfies(version, range)).toBe(answer));
