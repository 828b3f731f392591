import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openBundle } from "../../lib/bundle/bundle";
import { bundleCliConfig } from "../../lib/bundle/bundle-mirror";
import { canary } from "../support/deployment";
import { describeInFull, testInFull, triedOf } from "./support/full";
import { type RunOutcome, TestHost } from "./support/host";
import { copyOfExample, npm, pack } from "./support/package";

const modules = resolve(__dirname, "../../node_modules");
const host = new TestHost();
let tarball: string;
/** The example `own-app` with the package installed in it. */
let app: string;

beforeAll(() => {
  tarball = pack(host.folder);
  app = copyOfExample(host.folder, "own-app");
  npm(app, "install", "--omit=dev", tarball);
}, 180_000);

afterAll(() => host.remove());

const installed = (name: string, folder = app) => join(folder, "node_modules", name);

function node(folder: string, code: string, ...options: string[]): string {
  return execFileSync(process.execPath, [...options, "-e", code], {
    cwd: folder,
    encoding: "utf8",
    stdio: "pipe",
  });
}

/** Type-checks and compiles as a CDKTF app does, with the compiler of this project. */
function compile(folder: string, ...options: string[]): void {
  const args = [
    join(modules, "typescript/bin/tsc"),
    "-p",
    ".",
    "--typeRoots",
    join(modules, "@types"),
    ...options,
  ];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(stdout);
}

/** Synthesizes an app that was compiled. @returns its stacks' JSON by name */
function synthesize(folder: string, environment: NodeJS.ProcessEnv = {}): Record<string, string> {
  execFileSync(process.execPath, ["main.js"], {
    cwd: folder,
    env: host.environment({ TF_VAR_openrouter_api_key: canary, ...environment }),
    stdio: "pipe",
  });
  const stacks = join(folder, "cdktf.out/stacks");
  return Object.fromEntries(
    readdirSync(stacks).map((name) => [name, readFileSync(join(stacks, name, "cdk.tf.json"), "utf8")]),
  );
}

async function terraform(stack: string, ...args: string[]): Promise<void> {
  execFileSync("terraform", args, {
    cwd: join(app, "cdktf.out/stacks", stack),
    env: host.environment({
      TF_CLI_CONFIG_FILE: await bundleCliConfig(openBundle()),
      TF_VAR_openrouter_api_key: canary,
      TF_IN_AUTOMATION: "1",
    }),
    stdio: "pipe",
  });
}

describe("the tarball", () => {
  test("holds what runs, its documents and the bundle's sources, and nothing else", () => {
    const files = execFileSync("tar", ["tzf", tarball], { encoding: "utf8" }).trim().split("\n");
    const rest = files.filter(
      (name) => !/^package\/(dist\/lib\/[\w./-]+\.(js|d\.ts)|bundle\/|docs\/|examples\/)/.test(name),
    );
    expect(new Set(rest)).toEqual(
      new Set(
        [
          ...["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "cdktf.json", "package.json"],
          ...["dist/THIRD_PARTY_LICENSES.txt", "dist/cli.cjs", "dist/openpgp.cjs"],
          "lib/openclaw/resolver.cjs",
          "openrouter.settings.schema.json",
          "scripts/openclaw-openrouter.mjs",
        ].map((name) => `package/${name}`),
      ),
    );
    expect(
      files.filter((name) => /\.test\.|node_modules|fixture|\.(map|tfstate|pem|key)$/.test(name)),
    ).toEqual([]);
    expect(statSync(tarball).size).toBeLessThan(2 * 2 ** 20);
  });

  test("tells the license of every library that is bundled", () => {
    const text = readFileSync(
      join(installed("openclaw-openrouter"), "dist/THIRD_PARTY_LICENSES.txt"),
      "utf8",
    );
    for (const name of ["cdktf", "commander", "execa", "yaml", "zod"]) {
      expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
    }
  });

  test("asks for the framework as a peer, so that the app's own copy is used", () => {
    const manifest = JSON.parse(readFileSync(join(installed("openclaw-openrouter"), "package.json"), "utf8"));
    expect(Object.keys(manifest.peerDependencies).sort()).toEqual([
      "@cdktf/provider-docker",
      "@cdktf/provider-local",
      "@cdktf/provider-vault",
      "cdktf",
      "constructs",
    ]);
    expect(Object.keys(manifest.dependencies)).toEqual(["zod"]);
    expect(manifest).not.toHaveProperty("scripts");
    for (const name of Object.keys(manifest.peerDependencies)) {
      expect(existsSync(join(installed("openclaw-openrouter/node_modules"), name))).toBe(false);
    }
  });
});

describe("an app of somebody else's", () => {
  test("imports it by require and by import, and nothing happens", () => {
    const before = readdirSync(app);
    const print =
      "const n = Object.keys(m).filter((k) => !['default', 'module.exports', '__esModule'].includes(k)).sort(); console.log(n.join())";
    const required = node(app, `const m = require("openclaw-openrouter"); ${print}`);
    const imported = node(app, `import * as m from "openclaw-openrouter"; ${print}`, "--input-type=module");
    expect(required).toContain("VaultServer");
    expect(imported).toBe(required);
    expect(readdirSync(app)).toEqual(before);
    expect(existsSync(host.homes)).toBe(false);
  });

  const ways: [string, string[]][] = [
    [
      "CommonJS, as the CDKTF CLI's template has it",
      ["--module", "commonjs", "--moduleResolution", "node10"],
    ],
    ["CommonJS of Node", ["--module", "node16", "--moduleResolution", "node16"]],
    ["a bundler", ["--module", "esnext", "--moduleResolution", "bundler"]],
  ];
  const tried = triedOf(
    ways,
    (_way, index) => index === 0,
    ([name]) => `compiles against its types: ${name}`,
  );
  test.each(tried)("compiles against its types: %s", (_, options) => {
    compile(app, "--noEmit", ...options);
  });

  test("passes the tests of its own stacks, which need neither Docker nor Terraform nor a key", () => {
    compile(app);
    const { TF_VAR_openrouter_api_key: _, ...env } = host.environment();
    execFileSync(process.execPath, ["--test"], { cwd: app, env, stdio: "pipe" });
  });

  testInFull("declares a Vault and a secret with props of its own, which Terraform validates", async () => {
    compile(app);
    const stacks = synthesize(app);
    const container = Object.values<{ ports: unknown; memory: number }>(
      JSON.parse(stacks["team-vault"] ?? "").resource.docker_container,
    )[0];
    expect(container).toMatchObject({ name: "team-vault", memory: 256, ports: [{ external: 8300 }] });
    expect(Object.values(stacks).join()).not.toContain(canary.slice(9, 30));
    for (const name of Object.keys(stacks)) {
      await terraform(name, "init", "-input=false");
      await terraform(name, "validate");
    }
  });
});

testInFull("with cdktn instead of cdktf, the same comes out", () => {
  const other = copyOfExample(join(host.folder, "cdktn"), "own-app");
  const manifest = JSON.parse(readFileSync(join(other, "package.json"), "utf8"));
  manifest.dependencies.cdktf = "npm:cdktn@0.24.0";
  manifest.overrides = { cdktf: "$cdktf" };
  writeFileSync(join(other, "package.json"), JSON.stringify(manifest));
  npm(other, "install", "--omit=dev", tarball);
  expect(JSON.parse(readFileSync(installed("cdktf/package.json", other), "utf8")).name).toBe("cdktn");

  compile(app);
  compile(other);
  // What the framework notes about itself is not part of the declaration.
  const declaration = (folder: string) =>
    Object.values(synthesize(folder)).map((text) => {
      const { "//": _, ...stack } = JSON.parse(text);
      return JSON.stringify(stack, (key, value) => (key === "//" ? undefined : value)).replaceAll(folder, "");
    });
  expect(declaration(other)).toEqual(declaration(app));
});

describeInFull("in an empty folder, with nothing but the package", () => {
  let empty: string;
  beforeAll(() => {
    empty = join(host.folder, "empty");
    mkdirSync(empty);
    npm(empty, "install", tarball);
  });

  /** `npx` as a user runs it. */
  async function npx(...args: string[]): Promise<RunOutcome> {
    const { status, stdout, stderr } = spawnSync("npx", ["--offline", "openclaw-openrouter", ...args], {
      cwd: empty,
      env: host.environment(),
      encoding: "utf8",
    });
    return { code: status, stdout, stderr };
  }

  test("`npx --offline openclaw-openrouter up` deploys and checks", async () => {
    const { code, stderr } = await npx("up");
    if (code !== 0) throw new Error(stderr);
    expect(stderr).toContain("Instance sandbox is deployed; the check passed.");
    const again = await npx("up");
    expect(again.stderr).toContain("nothing changed");
    expect(readdirSync(empty).sort()).toEqual(["node_modules", "package-lock.json", "package.json"]);
  });

  test("the commands of a clone are not there", async () => {
    const { code, stderr } = await npx("bench");
    expect(code).toBe(64);
    expect(stderr).toContain("bench");
  });

  testInFull("the constructs of an own app deploy on the same host", async () => {
    compile(app);
    const image = host.docker("inspect", "--format", "{{.Config.Image}}", "openclaw-sandbox-vault");
    synthesize(app, {
      VAULT_IMAGE: host.docker("image", "inspect", "--format", "{{index .RepoTags 0}}", image),
    });
    for (const name of ["team-vault", "team-openrouter"]) {
      await terraform(name, "init", "-input=false");
      await terraform(name, "apply", "-auto-approve", "-input=false");
    }
    const get = ["exec", "team-vault", "vault", "kv", "get", "-field=api_key", "secret/openrouter"];
    expect(host.docker(...get)).toBe(canary);
    for (const name of ["team-vault", "team-openrouter"]) {
      await terraform(name, "plan", "-detailed-exitcode", "-input=false");
    }
  });
});
