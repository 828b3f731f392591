import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { writeJson } from "../../lib/core/files/files";
import { run } from "../../lib/core/system/process";
import { stackNames } from "../../lib/model/home-paths";
import { keyVersion } from "../../lib/model/openrouter-key";
import { canary } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const root = join(__dirname, "../..");
const folder = scratchFolder();
const text = (path: string) => readFileSync(path, "utf8");

interface Circumstances {
  /** Folder of the program. */
  readonly checkout?: string;
  readonly home?: string;
  readonly env?: Record<string, string>;
}

let runs = 0;

/** Synthesizes by the compiled program in a process of its own; home path and instance id are replaced by words. */
async function synth({
  checkout = root,
  home = "homes",
  env = {},
}: Circumstances = {}): Promise<Record<string, string>> {
  const place = join(folder, `run ${++runs}`);
  mkdirSync(place);
  const homes = join(folder, home);
  const out = join(place, "out");
  const program = join(checkout, "scripts/openclaw-openrouter.mjs");
  const result = await run(process.execPath, [program, "synth", "--out", out], {
    cwd: place,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: "/home/ada",
      OPENCLAW_OPENROUTER_HOME: homes,
      TF_VAR_openrouter_api_key: canary,
      ...env,
    },
  });
  if (result.exitCode !== 0) throw new Error(result.stderr);
  expect(result.stdout + result.stderr).not.toContain(canary.slice(9, 30));
  const { id } = JSON.parse(text(join(homes, "default/instance.json"))) as { id: string };
  return Object.fromEntries(
    stackNames.map((name) => {
      const json = text(join(out, "stacks", name, "cdk.tf.json"));
      return [name, json.replaceAll(homes, "<homes>").replaceAll(id, "<id>")];
    }),
  );
}

let first: Record<string, string>;

// The first run may have to compile.
beforeAll(async () => {
  first = await synth();
}, 300_000);

test("what is synthesized holds no key, in whatever form, but its version", () => {
  const all = Object.values(first).join("\n");
  for (const form of [canary.slice(9, 30), Buffer.from(canary).toString("base64").slice(4, 40)]) {
    expect(all).not.toContain(form);
  }
  expect(all).toContain(String(keyVersion(canary, 0)));
});

test("nothing in it tells the machine: no path but the homes', no time", () => {
  const all = Object.values(first).join("\n");
  for (const trace of [root, folder, process.execPath]) expect(all).not.toContain(trace);
  expect(all).not.toMatch(/20\d\d-\d\d-\d\dT/);
});

const turkish = { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" };

test.each<[string, Circumstances]>([
  ["a second time", {}],
  [
    "with another home (another instance id), time zone and locale",
    { home: "other homes", env: { TZ: "Pacific/Kiritimati", ...turkish } },
  ],
  ["in the locale C", { env: { LANG: "C", LC_ALL: "C", TZ: "UTC" } }],
])(
  "comes out the same %s",
  async (_, circumstances) => {
    expect(await synth(circumstances)).toEqual(first);
  },
  300_000,
);

test("comes out the same from another checkout", async () => {
  const checkout = join(folder, "another checkout");
  for (const part of ["scripts", "dist", "bundle", "package.json"])
    cpSync(join(root, part), join(checkout, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  expect(await synth({ checkout })).toEqual(first);
}, 300_000);

test("needs no key: the recorded one is declared again", async () => {
  const record = { generation: 2, version: keyVersion(canary, 2) };
  writeJson(join(folder, "recorded/default/key.json"), record);
  const withKey = await synth({ home: "recorded" });
  expect(withKey.openrouter).toContain(String(record.version));
  expect(await synth({ home: "recorded", env: { TF_VAR_openrouter_api_key: "" } })).toEqual(withKey);
}, 300_000);

test("another key makes another declaration of the same Vault", async () => {
  const other = await synth({ env: { TF_VAR_openrouter_api_key: `${canary.slice(0, -1)}0` } });
  expect(other.vault).toBe(first.vault);
  expect(other.openrouter).not.toBe(first.openrouter);
}, 300_000);
