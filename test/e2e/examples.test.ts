import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "jsonc-parser";
import { openBundle } from "../../lib/bundle/bundle";
import { bundleCliConfig } from "../../lib/bundle/bundle-mirror";
import { describeInFull, isFull, triedOf } from "./support/full";
import { type RunOutcome, TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { copyOfExample } from "./support/package";
import { describeWithPostgres, TestPostgres } from "./support/postgres";

const examples = resolve(__dirname, "../../examples");
const names = readdirSync(examples);

/** The settings files of all examples, and the instance for which each is. */
const settings = names.flatMap((example) =>
  readdirSync(join(examples, example))
    .filter((file) => /\.?settings\.(jsonc?|yaml)$/.test(file))
    .map(
      (file) => [example, file, file.startsWith("openrouter.") ? "default" : file.split(".")[0]!] as const,
    ),
);

test("each example says what it is for", () => {
  for (const name of names) expect(readFileSync(join(examples, name, "README.md"), "utf8")).toMatch(/^# /);
  expect(settings.length).toBeGreaterThanOrEqual(4);
});

describe("its settings", () => {
  const host = new TestHost();
  afterAll(() => host.remove());

  const tried = triedOf(
    settings,
    (_each, index) => index % 3 === 0,
    ([example, file]) => `${example}/${file} makes stacks that Terraform validates`,
  );
  test.each(tried)("%s/%s makes stacks that Terraform validates", async (example, file, instance) => {
    const folder = copyOfExample(join(host.folder, instance), example);
    const given = ["--settings", join(folder, file), "--instance", instance];
    const { stdout } = await host.mustRun(["synth", ...given, "--out", join(folder, "cdktf.out"), "--json"]);
    const env = host.environment({ TF_CLI_CONFIG_FILE: await bundleCliConfig(openBundle()) });
    for (const stack of JSON.parse(stdout).stacks) {
      const cwd = resolve(stack, "..");
      execFileSync("terraform", ["init", "-backend=false", "-input=false"], { cwd, env, stdio: "pipe" });
      execFileSync("terraform", ["validate"], { cwd, env, stdio: "pipe" });
    }
  });
});

/** Deploys an example as its README says, with the local OpenRouter instead of the real one. */
async function deploy(
  host: TestHost,
  openrouter: LocalOpenRouter,
  key: string,
  [example, file, instance]: readonly [string, string, string],
  environment: NodeJS.ProcessEnv = {},
): Promise<RunOutcome> {
  const copy = join(copyOfExample(join(host.folder, instance), example), file);
  const { $schema: _, ...given } = parse(readFileSync(copy, "utf8"));
  writeFileSync(copy, JSON.stringify({ ...given, openrouter: { baseUrl: openrouter.baseUrl } }));
  const args = ["up", "--instance", instance, "--settings", copy];
  return host.mustRun(args, { OPENROUTER_API_KEY: key, ...environment });
}

const stored = (host: TestHost, container: string) =>
  host.docker("exec", container, "vault", "kv", "get", "-field=api_key", "secret/openrouter");

describeInFull("two-instances", () => {
  const host = new TestHost();
  const keys = [newKey(), newKey()] as const;
  let openrouter: LocalOpenRouter;
  beforeAll(async () => {
    openrouter = await localOpenRouter(...keys);
    // Below the hard limit of staging.
    await openrouter.control.putKey({ key: keys[0], limit: 5, limitReset: "monthly" });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  test("both stand side by side, each with its key", async () => {
    await deploy(host, openrouter, keys[0], ["two-instances", "staging.settings.json", "staging"]);
    await deploy(host, openrouter, keys[1], ["two-instances", "production.settings.json", "production"]);
    expect(stored(host, "vault-staging")).toBe(keys[0]);
    expect(stored(host, "vault-production")).toBe(keys[1]);
    for (const name of ["staging", "production"]) {
      expect(existsSync(join(host.userHome, `.openclaw-${name}`, "config.json"))).toBe(true);
    }
  });
});

(isFull ? describeWithPostgres : describeInFull)("own-backend", () => {
  const host = new TestHost();
  const key = newKey();
  const postgres = new TestPostgres(host);
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    postgres.start();
    openrouter = await localOpenRouter(key);
  });
  afterAll(async () => {
    postgres.stop();
    await openrouter.close();
    host.remove();
  });

  test("state is in the database, without the key, and a second run finds it there", async () => {
    const environment = { PG_CONN_STR: postgres.connection };
    const example = ["own-backend", "openrouter.settings.json", "default"] as const;
    await deploy(host, openrouter, key, example, environment);
    const dump = postgres.dump();
    expect(dump).toContain("openclaw_vault");
    expect(dump).toContain("vault_kv_secret_v2");
    expect(dump).not.toContain(key.slice(9, 40));
    expect(existsSync(host.home("default").state("openrouter"))).toBe(false);
    const { stderr } = await deploy(host, openrouter, key, example, environment);
    expect(stderr).toContain("nothing changed");
  });
});
