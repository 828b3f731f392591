import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { changesOf } from "../../lib/backup/changed-settings";
import { type Contents, gatherContents, judgeContents } from "../../lib/backup/contents";
import { fillHome } from "../../lib/backup/fill-home";
import { settingsSchema } from "../../lib/config/settings";
import { homePaths } from "../../lib/model/home-paths";
import { readKeyRecord } from "../../lib/store/records/key-record";
import { scratchFolder } from "../support/folder";
import { exampleManifest as manifest } from "./example";

const state = JSON.stringify({ version: 4, lineage: "l", serial: 1, resources: [] });
const judge = (document: object) =>
  judgeContents(gzipSync(JSON.stringify({ manifest, files: {}, ...document })), manifest);
const refused = "not what this program writes";

function hostsOf(fields: object, evicted = "openclaw-host-web2") {
  const host = { name: "web1", role: "openclaw-host-web1", keyPath: "secret/openrouter/web1", addresses: [] };
  const record = {
    hosts: [{ ...host, invited: manifest.created, ...fields }],
    evicted: [{ role: evicted, roleId: "id", at: manifest.created }],
  };
  return { files: { "hosts.json": JSON.stringify(record) } };
}

test("the record of the hosts comes back with the names that invitations give", () => {
  const document = hostsOf({});
  const text = judge(document).files.get("hosts.json")!;
  expect(JSON.parse(text)).toEqual(JSON.parse(document.files["hosts.json"]));
});

test("what a rebuild needs comes back as it was, and nothing else of the home", () => {
  const root = scratchFolder();
  const [then, now] = [homePaths(join(root, "then")), homePaths(join(root, "now"))];
  mkdirSync(join(then.root, "tls"), { recursive: true });
  mkdirSync(join(then.providerLocks, "terraform-0123456789abcdef"), { recursive: true });
  mkdirSync(then.terraform);
  const [key, certificate] = ["ca-key.pem", "ca.pem"].map((name) => join(then.root, "tls", name)) as [
    string,
    string,
  ];
  const options = [
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    "/CN=x",
  ];
  execFileSync("openssl", ["req", ...options, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const lock =
    'provider "registry.terraform.io/hashicorp/vault" {\n  version     = "5.9.0"\n  hashes = [\n    "h1:x=",\n  ]\n}\n';
  const files: Record<string, string> = {
    [then.key]: JSON.stringify({ generation: 2, version: 7, retired: ["a"], unknown: "left out" }),
    [then.state("vault")]: state,
    [then.journal]: '{"at":"x"}\n',
    [join(then.providerLocks, "terraform-0123456789abcdef", "vault.lock.hcl")]: lock,
    // None of these is a backup's.
    [then.shares]: "{}",
    [then.host]: "{}",
    [join(then.root, "scheduled-unseal.sh")]: "#!/bin/sh",
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(path, text);
  const settings = join(root, "mine.yaml");
  writeFileSync(settings, "vault:\n  port: 8300\n");
  const contents = judgeContents(gatherContents(then, manifest, settings), manifest);
  fillHome(now, contents);
  expect(contents.settings).toMatchObject({
    name: "openrouter.settings.yaml",
    parsed: { vault: { port: 8300 } },
  });
  expect([...contents.files.keys()].sort()).toEqual([
    "journal.jsonl",
    "key.json",
    "locks/terraform-0123456789abcdef/vault.lock.hcl",
    "tls/ca-key.pem",
    "tls/ca.pem",
    "vault.tfstate",
  ]);
  expect(readKeyRecord(now)).toEqual({ generation: 2, version: 7, retired: ["a"] });
  expect(readFileSync(join(now.root, "tls/ca.pem"), "utf8")).toBe(readFileSync(certificate, "utf8"));
  expect(JSON.parse(readFileSync(now.instance, "utf8")).id).toBe(manifest.instanceId);
});

test("a journal of any length is cut at its beginning, and no other file is", () => {
  const home = homePaths(scratchFolder());
  writeFileSync(home.journal, `${JSON.stringify({ at: "x", command: "up" })}\n`.repeat(100_000));
  const text = judgeContents(gatherContents(home, manifest, undefined), manifest).files.get("journal.jsonl")!;
  expect(text.length).toBeLessThanOrEqual(2 * 2 ** 20);
  expect(text.endsWith('"command":"up"}\n')).toBe(true);
  writeFileSync(home.budget, "x".repeat(2000));
  expect(() => gatherContents(home, manifest, undefined)).toThrow("larger than a backup takes");
});

test("a line of the journal that a power cut left incomplete costs no backup", () => {
  const home = homePaths(scratchFolder());
  const [first, torn, last] = ['{"at":"1"}', '{"at":"2","comm', '{"at":"3"}'];
  writeFileSync(home.journal, `${first}\n${torn}${last}\n${last}\n{"at"`);
  const { files } = judgeContents(gatherContents(home, manifest, undefined), manifest);
  expect(files.get("journal.jsonl")).toBe(`${first}\n${last}\n`);
});

test.each([
  ["a file that no backup has", { files: { "../../.ssh/authorized_keys": "x" } }],
  ["a script that root runs", { files: { "scheduled-unseal.sh": "x" } }],
  [
    "a lock's folder that leads elsewhere",
    { files: { "locks/terraform-0123456789abcdef/../vault.lock.hcl": "" } },
  ],
  ["a record of another shape", { files: { "key.json": '{"generation":"x"}' } }],
  [
    "another instance's record",
    {
      files: {
        "instance.json": `{"format":2,"id":"11111111-2222-4333-8444-555555555555","created":"${manifest.created}"}`,
      },
    },
  ],
  [
    "a lock of a foreign provider",
    {
      files: {
        "locks/tofu-0123456789abcdef/vault.lock.hcl": 'provider "registry.terraform.io/evil/evil" {\n}\n',
      },
    },
  ],
  [
    "a state with a foreign provider",
    {
      files: {
        "vault.tfstate": state.replace(
          "[]",
          '[{"mode":"managed","type":"x","name":"x","provider":"provider[\\"registry.terraform.io/evil/evil\\"]","instances":[]}]',
        ),
      },
    },
  ],
  ["a host whose secret is another one", hostsOf({ keyPath: "secret/other" })],
  ["a host whose role is an identity's", hostsOf({ role: "openclaw-deployer" })],
  ["an eviction of an identity", hostsOf({}, "openclaw-reader")],
  ["a file of more than it may be", { files: { "budget.json": " ".repeat(2000) } }],
  [
    "settings with an option that there is not",
    { settings: { name: "openrouter.settings.json", text: '{"evil":1}' } },
  ],
  ["settings by a name that leads elsewhere", { settings: { name: "../x.json", text: "{}" } }],
  ["anything more", { evil: 1 }],
  ["another manifest than beside it", { manifest: { ...manifest, instance: "other" } }],
])("%s is refused", (_, document) => {
  expect(() => judge(document)).toThrow(refused);
});

test("a state is restored as it was judged: of a name that is there twice, Terraform would read both", () => {
  const twice = state.replace("[]", '[{"type":"evil"}],"resources":[]').replace("1,", "9007199254740991,");
  const text = judge({ files: { "vault.tfstate": twice } }).files.get("vault.tfstate")!;
  expect(text).not.toContain("evil");
  expect(JSON.parse(text)).toEqual({ ...JSON.parse(state), serial: 9007199254740991 });
});

test("what would grow beyond bounds is refused without being held", () => {
  expect(() => judgeContents(gzipSync(Buffer.alloc(100 * 2 ** 20)), manifest)).toThrow(refused);
});

describe("what a backup changes on an empty host", () => {
  const of = (settings: object, files: Record<string, object> = {}): Contents =>
    judge({
      settings: { name: "openrouter.settings.json", text: JSON.stringify(settings) },
      files: Object.fromEntries(Object.entries(files).map(([name, json]) => [name, JSON.stringify(json)])),
    });

  test("is nothing if the backup has default settings", () => {
    expect(changesOf(of({}))).toEqual([]);
    expect(changesOf(judge({}))).toEqual([]);
  });

  test.each([
    ["openrouter.baseUrl", { openrouter: { baseUrl: "https://evil.example/api/v1" } }],
    ["vault.image", { vault: { image: "evil.example/vault:1" } }],
    ["vault.container", { vault: { container: "other" } }],
    ["vault.address", { vault: { address: "https://evil.example" } }],
    ["vault.listen", { vault: { listen: "10.0.0.5" } }],
    ["vault.shares", { vault: { shares: 1, threshold: 1 } }],
    ["vault.closeLoopback", { vault: { closeLoopback: true } }],
    ["check.accepted", { check: { accepted: [{ id: "vault.shares", reason: "x" }] } }],
    ["check.rotationDays", { check: { rotationDays: 9000 } }],
    ["openclaw.folder", { openclaw: { folder: "/etc" } }],
    ["openclaw.user", { openclaw: { user: "root" } }],
    [
      "terraform.backend.type",
      { terraform: { backend: { type: "http", config: { address: "https://e/{stack}" } } } },
    ],
  ])("is reported and asked for: %s", (what, settings) => {
    expect(changesOf(of(settings))).toContainEqual(expect.objectContaining({ what, isSensitive: true }));
  });

  test("is reported and no more, where it leads nothing elsewhere", () => {
    const told = {
      vault: { port: 8300, memoryMegabytes: 256, ui: false, telemetry: true },
      models: { default: "a/b", fallback: "a/b", experimentation: "a/b", french: "a/b", open: "a/b" },
      check: { maxTokens: 17, timeoutSeconds: 31, maxCostUsd: 0.5 },
      budget: { alertEur: 20, hardLimitEur: 50, usdPerEur: 1.2, rateDate: "2026-01-01", priceCeiling: 21 },
      hosts: { maxTotalLimitEur: 100 },
      rotation: { expireDays: 100 },
    };
    const changes = changesOf(of(told));
    expect(changes).toHaveLength(Object.values(told).flatMap((group) => Object.keys(group)).length);
    expect(changes.filter(({ isSensitive }) => isSensitive)).toEqual([]);
  });

  test("is no settings where the restorer has some, and the rest all the same", () => {
    const settings = { openrouter: { baseUrl: "https://evil.example/api/v1" } };
    const pendingCleanups = [{ kind: "rename", hash: "h", name: "n" }];
    const own = settingsSchema.parse({});
    const changes = changesOf(of(settings, { "pending-key-cleanups.json": { pendingCleanups } }), own);
    expect(changes).toEqual([expect.objectContaining({ brought: '["n"]', isSensitive: true })]);
  });

  test("names keys that would be removed at OpenRouter, and another place of the state", () => {
    const pendingCleanups = [
      { kind: "remove", label: "sk-or-v1-abc…\x1b[2J", since: manifest.created, graceSeconds: 1 },
    ];
    const settings = { terraform: { backend: { type: "http", config: { address: "https://e/{stack}" } } } };
    const changes = changesOf(
      of(
        {},
        {
          "pending-key-cleanups.json": { pendingCleanups },
          "deployed.json": { at: manifest.created, settings },
        },
      ),
    );
    expect(changes).toHaveLength(2);
    expect(changes.every(({ isSensitive }) => isSensitive)).toBe(true);
    expect(JSON.stringify(changes)).not.toContain("\x1b");
    expect(changes.map(({ brought }) => brought).join()).toContain("sk-or-v1-abc");
  });
});
