import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runDeploy } from "../../../lib/cli/runs/up";
import { cacheRoot } from "../../../lib/core/system/cache-root";
import { describedDeployment, loadDeployment } from "../../../lib/session/load-deployment";
import { scratchFolder } from "../../support/folder";

let clone: string;
jest.mock("../../../lib/core/system/package-root", () => ({ packageRoot: () => clone }));
jest.mock("../../../lib/operations/deploy/cdktf-cli", () => ({
  installCdktfCli: () => ({ node: process.execPath, script: join(clone, "cdktf.js") }),
}));
// It loads CDKTF, which takes seconds.
jest.mock("../../../lib/session/apply-stacks", () => ({}));
jest.mock("../../../lib/operations/deploy/up", () => ({
  runUp: async ({ deployment, apply }: { deployment: object; apply: (...given: object[]) => unknown }) => {
    const host = { program: { path: "/usr/bin/tofu" }, providers: {} };
    await apply({ deployment, host, lock: { token: "held" } }, {}, () => {});
    return {};
  },
}));

const before = { folder: process.cwd(), environment: { ...process.env } };
let lab: string;

/** Writes settings that are recognized by their port. */
function settings(file: string, port: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ vault: { port } }));
}

beforeEach(() => {
  clone = scratchFolder();
  lab = scratchFolder();
  // What the CDKTF CLI passes to its app.
  writeFileSync(
    join(clone, "cdktf.js"),
    'const fs = require("fs"); fs.writeFileSync("environment", JSON.stringify(process.env)); fs.appendFileSync("words", process.argv.slice(2).join(" ") + "\\n");',
  );
  for (const name of ["OPENROUTER_API_KEY", "OPENCLAW_OPENROUTER_INSTANCE"]) delete process.env[name];
  Object.assign(process.env, { OPENCLAW_OPENROUTER_HOME: "homes", OPENCLAW_OPENROUTER_CACHE: "cache" });
  settings(join(clone, "openrouter.settings.json"), 9999);
  process.chdir(lab);
});
afterEach(() => {
  process.chdir(before.folder);
  process.env = { ...before.environment };
});

/** @returns what the app of the CDKTF CLI reads, which runs in the folder of the program */
async function deploy(options: { readonly settings?: string } = {}, instance = "default") {
  const deployment = loadDeployment(instance, options.settings);
  const locked = { deployment, preparing: { deployment } } as unknown as Parameters<typeof runDeploy>[1];
  await runDeploy("deploy", locked, undefined, { install: true, ...options });
  process.chdir(clone);
  process.env = JSON.parse(readFileSync("environment", "utf8"));
  return describedDeployment();
}

describe("the app of `deploy` reads", () => {
  test.each<[string, string, string | undefined, number]>([
    ["the file in the folder of the caller", "openrouter.settings.json", undefined, 8301],
    ["the named file", "prod.jsonc", "./prod.jsonc", 8301],
    ["the file in the instance directory", "homes/default/openrouter.settings.json", undefined, 8301],
    ["no file if there is none, not even the one beside the program", "other.json", undefined, 8200],
  ])("%s", async (_, file, named, port) => {
    settings(join(lab, file), 8301);
    process.env.OPENCLAW_OPENROUTER_SETTINGS = join(clone, "openrouter.settings.json");
    expect((await deploy(named ? { settings: named } : {})).settings.vault.port).toBe(port);
  });

  test("no other instance's stacks: each run of the CLI has its own folder", async () => {
    await deploy();
    process.chdir(lab);
    await deploy({}, "lab");
    const words = readFileSync("words", "utf8").trim().split("\n");
    const output = (instance: string) =>
      `deploy * --auto-approve --output ${lab}/homes/${instance}/cdktf-cli.out`;
    expect(words).toEqual([output("default"), output("lab")]);
  });

  test("the instance directory and the cache of the caller", async () => {
    expect((await deploy()).home.root).toBe(join(lab, "homes/default"));
    expect(cacheRoot()).toBe(join(lab, "cache"));
  });
});

test.each([
  ["finds the file beside the program", {}, 9999],
  ["reads the file that the variable names", { OPENCLAW_OPENROUTER_SETTINGS: "other.json" }, 8304],
])("the app of a bare `cdktf deploy` %s", (_, environment, port) => {
  settings(join(clone, "other.json"), 8304);
  process.chdir(clone);
  expect(describedDeployment(environment).settings.vault.port).toBe(port);
});
