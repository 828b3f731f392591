import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { allowing } from "../../lib/core/attempt";
import { instanceTlsPaths } from "../../lib/model/vault/vault-tls";
import { readShares } from "../../lib/vault/shares/shares-file";
import { middleOfKey } from "../support/certificate";
import { makeHolder } from "../support/pgp";
import { type RunOutcome, TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { encodings, Haystack } from "./support/search";
import { TestVault } from "./support/vault";
import { watch, watchCommandLines } from "./support/watch";

/** Secrets are looked for wherever a deploy leaves anything. */
describe("no secret is anywhere but in its own place", () => {
  const host = new TestHost();
  const home = host.home("default");
  const keys = [newKey(), newKey(), newKey()] as const;
  const rotatedIn = newKey();
  const management = newKey();
  /** Made by OpenRouter. */
  let made = "";
  const outcomes: RunOutcome[] = [];
  const commandLines = new Set<string>();
  const rootTokens = new Set<string>();
  /** Previous shares. */
  const generations: string[][] = [];
  const haystack = new Haystack();
  let openrouter: LocalOpenRouter;

  /** Saved plans live for a moment only: each is kept unchanged seen. */
  const plans = join(host.folder, "plans");
  const seen = new Set<string>();
  function keepPlans(): void {
    for (const stack of ["vault", "openrouter"]) {
      const plan = join(home.terraform, `${stack}.plan`);
      const stamp = statSync(plan, { throwIfNoEntry: false })?.mtimeMs;
      if (!stamp || seen.has(`${plan} ${stamp}`)) continue;
      // The run may remove it at any time.
      const content = allowing("ENOENT", () => readFileSync(plan));
      if (!content || !isWholeZip(content)) continue;
      seen.add(`${plan} ${stamp}`);
      writeFileSync(join(plans, `${stack}-${seen.size}.plan`), content);
    }
  }
  function rememberRootToken(): void {
    const token = existsSync(home.shares) ? readShares(home.shares)?.rootToken : undefined;
    if (token) rootTokens.add(token);
  }

  async function run(args: string[], extra: NodeJS.ProcessEnv, input = ""): Promise<RunOutcome> {
    const stops = [watchCommandLines(commandLines), watch(rememberRootToken), watch(keepPlans)];
    try {
      const outcome = await host.mustRun(args, extra, input);
      outcomes.push(outcome);
      return outcome;
    } finally {
      for (const stop of stops) stop();
    }
  }

  beforeAll(async () => {
    mkdirSync(plans);
    openrouter = await localOpenRouter(...keys, rotatedIn);
    await openrouter.control.putKey({ key: management, management: true });
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  test("it is deployed, and changed once with every log on", async () => {
    await run(["up"], { OPENROUTER_API_KEY: keys[0] });
    await run(["up", "--json"], {
      OPENROUTER_API_KEY: keys[1],
      TF_LOG: "TRACE",
      TF_LOG_PATH: join(host.folder, "trace.log"),
      TERRAFORM_VAULT_LOG_BODY: "true",
      TERRAFORM_VAULT_LOG_REQUEST_BODY: "true",
    });
    outcomes.push(await host.run(["status"]), await host.run(["doctor"]));
    const drift = ["--markdown", join(host.folder, "drift.md"), "--junit", join(host.folder, "drift.xml")];
    outcomes.push(await host.run(["drift", "--json", ...drift]));
    const trace = readFileSync(join(host.folder, "trace.log"), "utf8");
    expect(trace).toContain("secret/data/openrouter");
  });

  test("it is planned by Terraform itself, with a third key", async () => {
    const out = join(host.folder, "synth");
    const environment = { TF_VAR_openrouter_api_key: keys[2], OPENCLAW_OPENROUTER_INSTANCE: "default" };
    await run(["synth", "--out", out], environment);
    const stack = join(out, "stacks/openrouter");
    copyFileSync(
      join(home.cdktfOut, "stacks/openrouter/.terraform.lock.hcl"),
      join(stack, ".terraform.lock.hcl"),
    );
    const program = readdirSync(home.terraform).find((name) => name === "terraform" || name === "tofu") ?? "";
    const plan = execFileSync(program, ["plan", "-input=false", `-out=${join(plans, "own.plan")}`], {
      cwd: stack,
      env: host.environment({ ...environment, TF_DATA_DIR: join(home.terraform, program, "openrouter") }),
      encoding: "utf8",
      stdio: "pipe",
    });
    expect(plan).toContain("1 to change");
    haystack.add("output of terraform plan", plan);
  });

  test("its key is rotated and limited, and its identities are rewritten", async () => {
    const environment = {
      OPENROUTER_MANAGEMENT_KEY: management,
      TF_LOG: "TRACE",
      TF_LOG_PATH: join(host.folder, "trace.log"),
    };
    await run(["key", "rotate", "--json"], environment);
    made = new TestVault(host).key();
    await run(["key", "limit", "--json"], environment);
    await run(
      ["key", "rotate", "--key-stdin"],
      { TF_LOG: "TRACE", TF_LOG_PATH: environment.TF_LOG_PATH },
      rotatedIn,
    );
    await run(["vault", "renew-identities", "--json"], {});
    outcomes.push(await host.run(["status", "--all", "--json"]));
  });

  test("its shares are re-created and distributed", async () => {
    generations.push(readShares(home.shares)?.shares ?? []);
    const holders = await Promise.all(["Anna", "Ben"].map((name) => makeHolder(host.folder, name)));
    await run(["shares", "rekey", "--json"], {});
    const keys = holders.flatMap(({ file }) => ["--pgp-key", file]);
    await run(["shares", "export", "--json", ...keys, "--out", join(host.folder, "handed-out")], {});
    outcomes.push(await host.run(["shares", "status"]), await host.run(["shares", "status", "--json"]));
    outcomes.push(await host.run(["shares", "export"]));
  });

  test("it loses its second state, and is taken over", async () => {
    for (const path of [home.state("openrouter"), home.deployedState("openrouter")]) rmSync(path);
    const environment = { TF_LOG: "TRACE", TF_LOG_PATH: join(host.folder, "trace.log") };
    await run(["state", "adopt", "--yes", "--json"], environment);
  });

  test("it is backed up, restored once, and rebuilt", async () => {
    const passphrase = join(host.folder, "passphrase.txt");
    writeFileSync(passphrase, "of a test");
    const file = join(host.folder, "backup.tar");
    await run(["backup", "create", "--json"], {});
    await run(
      ["backup", "create", "--with-shares", "--passphrase-file", passphrase, "--out", file, "--json"],
      {},
    );
    await run(["backup", "verify", file, "--passphrase-file", passphrase, "--json"], {});
    await run(["rebuild", "--yes", "--json"], {});
    outcomes.push(await host.run(["backup", "list"]));
  });

  test("everything is looked at", () => {
    outcomes.forEach(({ stdout, stderr }, index) => {
      haystack.add(`output ${index}`, stdout + stderr);
    });
    haystack.add("command lines", [...commandLines].join("\n"));
    const containers = host.docker("ps", "-aq").split("\n");
    const volumes = host.docker("volume", "ls", "-q").split("\n");
    haystack.add("docker inspect", host.docker("inspect", ...containers, ...volumes));
    haystack.add("docker history", host.docker("history", "--no-trunc", "openclaw-openrouter/vault:1.21.2"));
    haystack.addFolder(host.folder);
    const engine = host.docker("info", "-f", "{{.DockerRootDir}}");
    haystack.addFolder(join(engine, "containers"));
    haystack.addFolder(join(engine, "volumes"));

    const places = haystack.names.join("\n");
    for (const place of [
      home.state("vault"),
      home.state("openrouter"),
      join(home.cdktfOut, "stacks/openrouter/cdk.tf.json"),
      join(plans, "own.plan!tfplan"),
      join(plans, "own.plan!tfstate"),
      join(host.userHome, ".openclaw/config.json"),
      "-json.log",
      "vault.db",
    ]) {
      expect(places).toContain(place);
    }
    expect(haystack.names.filter((name) => /\/plans\/openrouter-\d+\.plan!tfplan$/.test(name))).not.toEqual(
      [],
    );
    // Terraform, its providers and Vault were seen while they ran.
    const seenRunning = [...commandLines].map((line) => line.split("\0").join(" ")).join("\n");
    for (const program of [
      / apply -json /,
      /terraform-provider-vault/,
      /terraform-provider-docker/,
      /vault server/,
    ]) {
      expect(seenRunning).toMatch(program);
    }
  });

  test.each([
    ["the first key", () => keys[0]],
    ["the second one", () => keys[1]],
    ["the one that was planned", () => keys[2]],
    ["the one that was made", () => made],
    ["the one that was rotated in", () => rotatedIn],
    ["the management key", () => management],
  ])("%s is nowhere", (_, key) => {
    expect(key()).toMatch(/^sk-or-v1-/);
    expect(haystack.find(key())).toEqual([]);
  });

  test("the root token lay in shares.json while it was needed, and is nowhere now", () => {
    expect(rootTokens.size).toBeGreaterThan(0);
    for (const token of rootTokens) expect(haystack.find(token)).toEqual([]);
  });

  test("each share is in shares.json only", () => {
    const shares = readShares(home.shares)?.shares ?? [];
    expect(shares).toHaveLength(5);
    for (const share of shares) expect(haystack.find(share)).toEqual([home.shares]);
    // The previous ones open nothing any more.
    expect(generations[0]).toHaveLength(5);
    for (const share of generations[0] ?? []) expect(haystack.find(share)).toEqual([]);
  });

  test("a secret id is in its credential file only, the reader's in the token helper's and the resolver's as well", () => {
    const copies = ["/vault-home/_data/.reader-secret-id", "/.openclaw/openclaw-openrouter/secret_id"];
    for (const identity of ["deployer", "reader", "auditor"] as const) {
      const file = join(home.credentials(identity), "secret_id");
      const found = haystack.find(readFileSync(file, "utf8").trim());
      const elsewhere = found.filter((name) => name !== file);
      expect(elsewhere.filter((name) => !copies.some((copy) => name.endsWith(copy)))).toEqual([]);
      expect(elsewhere).toHaveLength(identity === "reader" ? copies.length : 0);
    }
  });

  test("the CA's key is in its file only, the server's on the container's volume as well", () => {
    const { caKey, serverKey } = instanceTlsPaths(home.tls);
    expect(haystack.find(middleOfKey({ keyFile: caKey }))).toEqual([caKey]);
    const found = haystack.find(middleOfKey({ keyFile: serverKey }));
    expect(found.filter((name) => name !== serverKey)).toEqual([
      expect.stringMatching(/\/vault-home\/_data\/tls\/key\.pem$/),
    ]);
  });

  test("the search finds a secret in each of its forms", () => {
    const [secret] = keys;
    const control = new Haystack();
    for (const before of ["", "a", "ab"])
      control.add(`base64 ${before}`, Buffer.from(`${before}${secret}!`).toString("base64"));
    control.add("plain", `key=${secret}`);
    control.add("hex", Buffer.from(secret).toString("hex"));
    control.add("none", "nothing");
    expect(control.find(secret)).toEqual(["base64 ", "base64 a", "base64 ab", "plain", "hex"]);
    expect(encodings("a/b+c=")).toContain("a%2Fb%2Bc%3D");
  });
});

function isWholeZip(content: Buffer): boolean {
  return content.includes("PK\x05\x06");
}
