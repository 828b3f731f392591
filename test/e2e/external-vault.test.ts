import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "jsonc-parser";
import { stackNames } from "../../lib/model/home-paths";
import { prefixOf } from "../../lib/model/vault/vault-names";
import { ensureInstance, readInstance } from "../../lib/store/home";
import { waitForVault } from "../../lib/vault/wait";
import { makeCertificate } from "../support/certificate";
import { describeInFull, testInFull } from "./support/full";
import { GuideVault } from "./support/guide-vault";
import { type RunOutcome, TestHost } from "./support/host";
import { NotedTerraform } from "./support/noted-terraform";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { Haystack } from "./support/search";
import { watchCommandLines } from "./support/watch";

/** What an admin must be able to do, as the page has it. */
const adminPolicy = policyOfThePage();

/** A host that followed the setup guide's 2.7 long ago: its container `vault`, and much else in it. */
describe("an external Vault", () => {
  const host = new TestHost();
  const vault = new GuideVault(host);
  const home = host.home("default");
  const [theirs, second, third] = [newKey(), newKey(), newKey()];
  /** What lay in `secret/openrouter` before, beside the key. */
  const fields = { note: "ask Ada", limit: 30, owners: ["ada", "bob"], team: { id: 7, name: "ops" } };
  const settings = settingsOfTheExample();
  let openrouter: LocalOpenRouter;
  let before: Record<string, unknown>;
  let adminToken = "";

  const up = (args: string[] = [], key?: string, input = "") =>
    host.run(["up", "-i", "default", ...args], key ? { OPENROUTER_API_KEY: key } : {}, input);
  const upWell = async (...args: Parameters<typeof up>) => mustPass(await up(...args));
  const declare = (more: object = settings) =>
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl }, ...more });
  const secret = async () => (await vault.read("secret/data/openrouter")) as SecretVersion;
  /** What is in Vault now but for this program's own roles and policies. */
  const othersOnly = async () =>
    Object.fromEntries(
      Object.entries(await vault.everything()).filter(
        ([path]) =>
          !/\/openclaw-default-[0-9a-f]{8}-(deployer|reader|auditor)$/.test(path) &&
          !path.endsWith("/openrouter"),
      ),
    );
  const prefix = () => prefixOf("default", readInstance(home.root)?.id);
  const ours = async () =>
    Object.keys(await vault.everything())
      .filter((path) => /\/openclaw-default-[0-9a-f]{8}-(deployer|reader|auditor)$/.test(path))
      .sort();

  function expectStop(outcome: RunOutcome, code: number, ...says: (string | RegExp)[]): void {
    for (const text of says) expect(outcome.stderr).toMatch(text);
    expect(outcome.stderr).not.toContain("defect");
    expect(outcome.code).toBe(code);
  }

  beforeAll(async () => {
    openrouter = await localOpenRouter(theirs, second, third);
    declare({});
    await vault.start();
    vault.asRoot(["secrets", "enable", "-path=secret", "-version=1", "kv"]);
    vault.asRoot(["kv", "put", "secret/old", "from=before"]);
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  test("up without vault.address names it", async () => {
    expectStop(
      await up([], theirs),
      64,
      "There is a Vault already that this program did not make",
      JSON.stringify(settings),
      "docs/from-the-guide.md",
    );
  });

  test("what is not kv-v2 at secret/ is refused, with the reason", async () => {
    declare();
    const held = await vault.everything();
    expectStop(
      await up(["--admin-token-stdin"], theirs, vault.rootToken),
      1,
      "no key-value store of version 2 at secret/",
      "one of version 1",
    );
    expect(await vault.everything()).toEqual(held);
  });

  test("it is set up as the setup guide says, with other secrets", async () => {
    vault.asRoot(["secrets", "disable", "secret"]);
    vault.asRoot(["secrets", "enable", "-path=secret", "kv-v2"]);
    vault.asRoot(["kv", "put", "secret/github", "token=theirs"]);
    vault.asRoot(["kv", "put", "secret/team/smtp", "user=ada", "password=theirs"]);
    vault.asRoot(["kv", "put", "secret/openrouter", "-"], JSON.stringify({ api_key: theirs, ...fields }));
    vault.asRoot(["kv", "metadata", "put", "-custom-metadata=owner=ada", "secret/openrouter"]);
    vault.asRoot(["secrets", "enable", "-path=apps", "kv-v2"]);
    vault.asRoot(["kv", "put", "apps/one", "of=theirs"]);
    vault.asRoot(["auth", "enable", "userpass"]);
    vault.asRoot(["auth", "enable", "approle"]);
    vault.asRoot(["policy", "write", "openclaw", "-"], 'path "secret/data/*" { capabilities = ["read"] }');
    vault.asRoot(["write", "auth/approle/role/gateway", "token_policies=openclaw"]);
    vault.asRoot(["audit", "enable", "-path=theirs", "file", "file_path=/vault/logs/audit.log"]);
    vault.asRoot(["policy", "write", "host-admin", "-"], adminPolicy);
    adminToken = vault.asRoot(["token", "create", "-policy=host-admin", "-field=token"]);
    before = await othersOnly();
    expect(Object.keys(before).length).toBeGreaterThan(10);
  });

  test("without an admin's token it says that one is needed", async () => {
    expectStop(await up(), 64, "no working identities", "--admin-token-file", "--admin-token-stdin");
  });

  test("an admin's token that is unknown, or may not do it, is refused before anything is written", async () => {
    const held = await vault.everything();
    expectStop(
      await up(["--admin-token-stdin"], undefined, "hvs.unknown\n"),
      1,
      "does not take the admin's token",
    );
    const weak = vault.asRoot(["token", "create", "-policy=openclaw", "-field=token"]);
    expectStop(
      await up(["--admin-token-stdin"], undefined, weak),
      1,
      "may not do all",
      /sys\/policies\/acl\/openclaw-default-[0-9a-f]{8}-deployer: create, read, update/,
    );
    expect(await vault.everything()).toEqual(held);
    expect(existsSync(home.externalVault)).toBe(false);
  });

  test("with one it is taken up, with the key that is in it", async () => {
    const file = join(host.folder, "token");
    writeFileSync(file, `${adminToken}\n`, { mode: 0o600 });
    const version = (await secret()).metadata.version;
    const { stdout } = await upWell(["--admin-token-file", file, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: true, check: { outcome: "warn" } });
    expect((await secret()).metadata.version).toBe(version);
    expect(await othersOnly()).toEqual(before);
    expect(await ours()).toEqual(ourPaths(prefix()));
  });

  test("no container and no volume was made", () => {
    expect(host.docker("ps", "-a", "--format", "{{.Names}}")).toBe("vault");
    expect(host.docker("volume", "ls", "-q").split("\n")).not.toContain("vault-home");
  });

  test("a second up asks for nothing and changes nothing", async () => {
    const held = await vault.everything();
    const { stdout, stderr } = await upWell(["--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: false, check: { outcome: "warn" } });
    expect(stderr).toContain("Instance default: nothing changed; the check passed.");
    expect(await vault.everything()).toEqual(held);
  });

  testInFull("what is its owner's to fix is a warning, and says how", async () => {
    const { code, stdout } = await host.run(["check", "-i", "default", "--json"]);
    expect(code).toBe(0);
    const result = Object.fromEntries(
      (JSON.parse(stdout).results as { id: string }[]).map((each) => [each.id, each]),
    );
    expect(result["vault.identities"]).toMatchObject({ status: "warn", summary: "a root token is active" });
    expect(result["docker.exec"]).toMatchObject({
      status: "warn",
      fix: expect.stringMatching("vault login"),
    });
    vault.asRoot(["login", "-"], vault.rootToken);
    const again = await host.run(["check", "-i", "default", "--json", "--only", "docker.exec"]);
    expect(JSON.parse(again.stdout).results).toEqual([
      expect.objectContaining({ id: "docker.exec", status: "pass" }),
    ]);
  });

  test("another key that was stored by hand stays, unless --replace-key says otherwise", async () => {
    vault.asRoot(["kv", "patch", "secret/openrouter", `api_key=${third}`]);
    expectStop(await up([], second), 1, "--replace-key");
    expect((await secret()).data).toEqual({ api_key: third, ...fields });
  });

  testInFull("a new key is one new version, in which all other fields are as they were", async () => {
    const { version } = (await secret()).metadata;
    await upWell(["--replace-key"], second);
    const { data, metadata } = await secret();
    expect(data).toEqual({ api_key: second, ...fields });
    expect(metadata).toMatchObject({ version: version + 1, custom_metadata: { owner: "ada" } });
    expect(await othersOnly()).toEqual(before);
    expect((await upWell(["--json"], second)).stdout).toContain('"changed": false');
    expect((await secret()).metadata.version).toBe(version + 1);
  });

  testInFull("a field that somebody changes meanwhile is kept as well", async () => {
    vault.asRoot(["kv", "patch", "secret/openrouter", "note=ask Bob", "more=new"]);
    await upWell([], theirs);
    expect((await secret()).data).toEqual({ api_key: theirs, ...fields, note: "ask Bob", more: "new" });
    vault.asRoot(["kv", "patch", "secret/openrouter", "note=ask Ada"]);
  });

  testInFull("a deleted secret is put back, where its store demands check-and-set too", async () => {
    vault.asRoot(["kv", "delete", "secret/openrouter"]);
    vault.asRoot(["kv", "metadata", "patch", "-cas-required=true", "secret/openrouter"]);
    expectStop(await up(), 64, "The key was deleted from Vault", "--key-file");
    await upWell([], theirs);
    expect((await secret()).data).toEqual({ api_key: theirs });
    vault.asRoot(["kv", "metadata", "patch", "-cas-required=false", "secret/openrouter"]);
    vault.asRoot(["kv", "put", "secret/openrouter", "-"], JSON.stringify({ api_key: theirs, ...fields }));
  });

  test("sealed, it is its owner's to open, and each command says so", async () => {
    host.docker("restart", "vault");
    await waitForVault(vault.client);
    for (const command of ["up", "vault unseal", "check", "destroy --yes"]) {
      const outcome = await host.run([...command.split(" "), "-i", "default"]);
      expectStop(outcome, 1, "is sealed", "docker exec -it vault vault operator unseal");
    }
    const status = await host.run(["status", "-i", "default", "--json"]);
    expect(JSON.parse(status.stdout)).toMatchObject({
      vault: { kind: "external", sealed: true },
      container: { name: "vault", state: "running" },
    });
    expect((await host.run(["doctor", "-i", "default"])).stderr).toMatch(/✖ vault.reachable .*is sealed/);
    await vault.unseal();
    await host.mustRun(["vault", "unseal", "-i", "default"]);
  });

  testInFull("stopped, it is its owner's to start", async () => {
    host.docker("stop", "vault");
    for (const command of ["up", "vault unseal", "check"]) {
      expectStop(
        await host.run([...command.split(" "), "-i", "default"]),
        1,
        "does not answer",
        "docker start vault",
      );
    }
    expect(host.docker("inspect", "-f", "{{.State.Status}}", "vault")).toBe("exited");
    host.docker("start", "vault");
    await vault.unseal();
    expect((await upWell(["--json"])).stdout).toContain('"changed": false');
  });

  testInFull("lost credentials are rewritten, with an admin's token", async () => {
    rmSync(home.credentials("reader"), { recursive: true });
    expectStop(await up(), 64, "no working identities");
    await upWell(["--admin-token-stdin"], undefined, adminToken);
    expect(await othersOnly()).toEqual(before);
  });

  test("commands that take its shares are refused", async () => {
    for (const command of ["vault renew-identities", "vault login", "schedule add unseal"]) {
      const outcome = await host.run([...command.split(" "), "-i", "default"]);
      expectStop(outcome, 64, "this Vault is its owner's");
    }
  });

  test("a rotation keeps the other fields, and is rolled back where the new key does not work", async () => {
    const rotate = (key: string) => host.run(["key", "rotate", "-i", "default", "--key-stdin"], {}, key);
    const { data } = await secret();
    const next = data.api_key === second ? theirs : second;
    expect((await rotate(newKey())).code).not.toBe(0);
    expect((await secret()).data).toEqual(data);
    mustPass(await rotate(next));
    expect((await secret()).data).toEqual({ ...data, api_key: next });
    expect(await othersOnly()).toEqual(before);
    expect((await upWell(["--json"])).stdout).toContain('"changed": false');
  });

  test("drift looks at what is ours, and fixes it", async () => {
    const terraform = new NotedTerraform(host);
    const look = async (...args: string[]) => {
      const { code, stdout, stderr } = await host.run(
        ["drift", "-i", "default", "--json", ...args],
        terraform.environment,
      );
      if (stdout === "") throw new Error(stderr);
      const { findings, unmanaged } = JSON.parse(stdout) as DriftReport;
      return { code, ids: findings.map(({ id }) => id), unmanaged };
    };
    const clean = await look();
    expect(clean).toMatchObject({ code: 0, ids: [] });
    expect(terraform.count("plan")).toBe(1);
    expect(clean.unmanaged).toEqual(
      expect.arrayContaining(["audit device theirs/ (file)", "policy openclaw", "secret secret/github"]),
    );
    vault.asRoot(["kv", "patch", "secret/openrouter", "note=new"]);
    const reader = `${prefix()}-reader`;
    vault.asRoot(["policy", "write", reader, "-"], 'path "*" { capabilities = ["read"] }');
    expect(await look()).toMatchObject({ code: 2, ids: [`vault.policy:${reader}`] });
    // An admin wrote it, and only an admin may again: `up` asks for one.
    expect(await look("--fix", "--yes")).toMatchObject({ code: 2, ids: [`vault.policy:${reader}`] });
    expectStop(await up(), 64, `policy ${reader}`, "--admin-token-file", "--admin-token-stdin");
    await upWell(["--admin-token-stdin"], undefined, adminToken);
    expect(await look()).toMatchObject({ code: 0, ids: [] });
    expect((await secret()).data).toMatchObject({ ...fields, note: "new" });
    vault.asRoot(["kv", "patch", "secret/openrouter", `note=${fields.note}`]);
    expect(await othersOnly()).toEqual(before);
  });

  testInFull("lost states are taken over, and nothing in it changes", async () => {
    const [held, stored] = [await othersOnly(), await secret()];
    for (const stack of stackNames)
      for (const path of [home.state(stack), home.deployedState(stack)]) rmSync(path);
    expectStop(await up(), 1, "openclaw-openrouter state adopt");
    const adopted = await host.run(["state", "adopt", "-i", "default", "--yes", "--json"]);
    mustPass(adopted);
    expect(JSON.parse(adopted.stdout)).toMatchObject({ lost: stackNames, done: { left: [] } });
    expect(await othersOnly()).toEqual(held);
    expect((await secret()).data).toEqual(stored.data);
    expect((await upWell()).stderr).toContain("nothing changed");
  });

  testInFull(
    "another host's instance is told to take a path of its own, and then lives beside this one",
    async () => {
      const held = await vault.everything();
      const other = new TestHost();
      const { baseUrl } = openrouter;
      const run = (args: string[], key?: string, input = "") =>
        other.run([...args, "-i", "lab"], key ? { OPENROUTER_API_KEY: key } : {}, input);
      other.writeSettings("lab", { openrouter: { baseUrl }, ...settings });
      const path = "secret/openrouter/lab";
      expectStop(
        await run(["up", "--admin-token-stdin"], third, adminToken),
        1,
        "Another instance uses secret/openrouter",
        `${prefix()}-reader`,
        `"${path}"`,
      );
      expect(await vault.everything()).toEqual(held);
      other.writeSettings("lab", { openrouter: { baseUrl, path }, ...settings });
      mustPass(await run(["up", "--admin-token-stdin"], third, adminToken));
      expect(await vault.read("secret/data/openrouter/lab")).toMatchObject({ data: { api_key: third } });
      expect((await run(["check"])).code).toBe(0);
      expect((await host.run(["check", "-i", "default"])).code).toBe(0);
      mustPass(await run(["destroy", "--yes"]));
      vault.asRoot(["kv", "metadata", "delete", path]);
      expect(await vault.everything()).toEqual(held);
      rmSync(other.folder, { recursive: true });
    },
  );

  testInFull("settings that mean a Vault of its own are refused while it is in use", async () => {
    declare({});
    for (const command of ["up", "check", "status", "destroy --yes"]) {
      const outcome = await host.run([...command.split(" "), "-i", "default"]);
      expectStop(outcome, 1, `uses the Vault at ${vault.address}`, "destroy");
    }
    declare();
  });

  test("destroy takes our roles and policies and OpenClaw's files, and leaves the key and all else", async () => {
    const held = await secret();
    await host.mustRun(["destroy", "--yes", "-i", "default"]);
    expect(await ours()).toEqual([]);
    expect(await othersOnly()).toEqual(before);
    expect(await secret()).toEqual(held);
    expect(existsSync(join(host.userHome, ".openclaw"))).toBe(false);
    expect(existsSync(home.credentials("deployer"))).toBe(false);
    expect((await host.run(["status", "-i", "default"])).code).toBe(4);
    await host.mustRun(["destroy", "--yes", "-i", "default"]);
  });

  testInFull("up resumes from there, with an admin's token and the key that is stored", async () => {
    const held = await secret();
    await upWell(["--admin-token-stdin"], undefined, adminToken);
    expect(await ours()).toEqual(ourPaths(prefix()));
    expect(await secret()).toEqual(held);
    expect(await othersOnly()).toEqual(before);
    expect((await upWell(["--json"])).stdout).toContain('"changed": false');
  });

  testInFull("a purge takes the home as well", async () => {
    const held = await secret();
    await host.mustRun(["destroy", "--yes", "--purge", "-i", "default"]);
    expect(existsSync(home.root)).toBe(false);
    expect(await ours()).toEqual([]);
    expect(await secret()).toEqual(held);
    expect(await othersOnly()).toEqual(before);
  });
});

/** Elsewhere, by TLS, and with nothing in it: another instance of the same host. */
describeInFull("an external Vault with TLS, without AppRole and without secret/", () => {
  const host = new TestHost();
  const tls = makeCertificate(host.folder, "vault");
  const vault = new GuideVault(host, { container: "company-vault", port: 8443, tls });
  const key = newKey();
  const haystack = new Haystack();
  const commandLines = new Set<string>();
  const outcomes: RunOutcome[] = [];
  let openrouter: LocalOpenRouter;
  let adminToken = "";

  const declare = (more: object = {}) =>
    host.writeSettings("paris", {
      vault: { address: vault.address, caFile: tls.caFile, ...more },
      openrouter: { baseUrl: openrouter.baseUrl },
    });
  async function run(args: string[], environment: NodeJS.ProcessEnv = {}, input = ""): Promise<RunOutcome> {
    const stop = watchCommandLines(commandLines);
    try {
      const outcome = await host.run([...args, "-i", "paris"], environment, input);
      outcomes.push(outcome);
      return outcome;
    } finally {
      stop();
    }
  }

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    declare();
    await vault.start();
    vault.asRoot(["policy", "write", "host-admin", "-"], adminPolicy);
    adminToken = vault.asRoot(["token", "create", "-policy=host-admin", "-field=token"]);
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  test("a certificate that nobody verifies is refused", async () => {
    declare({ caFile: makeCertificate(host.folder, "other").caFile });
    const { code, stderr } = await run(["up"], { OPENROUTER_API_KEY: key });
    expect(code).toBe(1);
    expect(stderr).toContain("does not show by its certificate");
    expect(stderr).toContain("`vault.caFile`");
    declare();
  });

  test("without a key, in it or given, it is said before anything is deployed", async () => {
    const { code, stderr } = await run(["up", "--admin-token-stdin"], {}, adminToken);
    expect(code).toBe(64);
    expect(stderr).toContain("OPENROUTER_API_KEY");
  });

  test("up makes the mounts that are missing, and deploys and checks it", async () => {
    const outcome = mustPass(
      await run(["up", "--json"], {
        OPENROUTER_API_KEY: key,
        TF_LOG: "TRACE",
        TF_LOG_PATH: join(host.folder, "trace.log"),
        TERRAFORM_VAULT_LOG_BODY: "true",
      }),
    );
    const { results } = JSON.parse(outcome.stdout).check as { results: { id: string; summary: string }[] };
    expect(results).toContainEqual(
      expect.objectContaining({
        id: "docker.exec",
        status: "skip",
        summary: expect.stringContaining("vault.container"),
      }),
    );
    expect(await vault.read("sys/mounts/secret")).toMatchObject({ type: "kv", options: { version: "2" } });
    expect(await vault.read("secret/data/openrouter")).toMatchObject({ data: { api_key: key } });
    expect(JSON.parse(mustPass(await run(["up", "--json"])).stdout)).toMatchObject({ changed: false });
  });

  test("without an audit device it warns, and turns none on", async () => {
    const { stdout } = mustPass(await run(["check", "--json", "--only", "vault.identities"]));
    expect(stdout).toContain("vault audit enable file file_path=stdout");
    expect(await vault.read("sys/audit")).toEqual({});
  });

  test("OpenClaw is told its address and what verifies it", () => {
    const folder = join(host.userHome, ".openclaw-paris");
    const fragment = readFileSync(join(folder, "openrouter.json5"), "utf8");
    expect(fragment).toContain(`"VAULT_ADDR": "${vault.address}"`);
    const [, authority = ""] = /"VAULT_CACERT": "([^"]+)"/.exec(fragment) ?? [];
    expect(readFileSync(authority, "utf8")).toBe(readFileSync(tls.caFile, "utf8"));
  });

  test("no secret is anywhere but in its own place", () => {
    outcomes.forEach(({ stdout, stderr }, index) => {
      haystack.add(`output ${index}`, stdout + stderr);
    });
    haystack.add("command lines", [...commandLines].join("\n"));
    haystack.addFolder(host.folder);
    const { root, externalVault, state } = host.home("paris");
    for (const place of [externalVault, state("vault"), state("openrouter"), "trace.log"])
      expect(haystack.names.join("\n")).toContain(place);
    expect(haystack.find(adminToken)).toEqual([]);
    expect(haystack.find(key)).toEqual([]);
    for (const identity of ["deployer", "auditor"]) {
      const file = join(root, "credentials", identity, "secret_id");
      expect(haystack.find(readFileSync(file, "utf8").trim())).toEqual([file]);
    }
  });

  test("a purge while it does not answer takes nothing", async () => {
    host.docker("stop", vault.container);
    const { code, stderr } = await run(["destroy", "--yes", "--purge"]);
    expect(code).toBe(1);
    expect(stderr).toContain("does not answer");
    expect(existsSync(host.home("paris").externalVault)).toBe(true);
    host.docker("start", vault.container);
    await vault.unseal();
    mustPass(await run(["destroy", "--yes", "--purge"]));
    expect(await vault.read("secret/data/openrouter")).toMatchObject({ data: { api_key: key } });
  });
});

test("an instance with a container of its own is not turned into one with vault.address", async () => {
  const host = new TestHost();
  const home = host.home("paris");
  const shares = { shares: ["c2hhcmU="], threshold: 1, generation: 1, created: new Date().toISOString() };
  host.writeSettings("paris", { vault: { address: "http://127.0.0.1:8200" } });
  ensureInstance(home.root);
  writeFileSync(home.shares, JSON.stringify(shares), { mode: 0o600 });
  for (const command of ["up", "status", "destroy --purge --yes"]) {
    const { code, stderr } = await host.run([...command.split(" "), "-i", "paris"], {
      OPENROUTER_API_KEY: newKey(),
    });
    expect(code).toBe(1);
    expect(stderr).toContain("has a Vault of its own");
    expect(stderr).toContain("destroy --purge --instance paris");
  }
  expect(existsSync(home.shares)).toBe(true);
  host.remove();
});

interface DriftReport {
  readonly findings: readonly { readonly id: string }[];
  readonly unmanaged: readonly string[];
}

interface SecretVersion {
  readonly data: Record<string, unknown>;
  readonly metadata: { readonly version: number };
}

function mustPass(outcome: RunOutcome): RunOutcome {
  if (outcome.code !== 0) throw new Error(`ended with ${outcome.code}:\n${outcome.stderr}`);
  return outcome;
}

function ourPaths(prefix: string): string[] {
  const names = ["auditor", "deployer", "reader"];
  return ["auth/approle/role", "sys/policies/acl"].flatMap((folder) =>
    names.map((name) => `${folder}/${prefix}-${name}`),
  );
}

/** `examples/external-vault` is what is tested here. */
function settingsOfTheExample(): object {
  const file = join(__dirname, "../../examples/external-vault/openrouter.settings.jsonc");
  return parse(readFileSync(file, "utf8")) as object;
}

function policyOfThePage(): string {
  const page = readFileSync(join(__dirname, "../../docs/external-vault.md"), "utf8");
  return /```hcl\n([^`]+)```/.exec(page)?.[1] ?? "";
}
