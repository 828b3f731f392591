import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { gatherContents, judgeContents } from "../../lib/backup/contents";
import { fillHome } from "../../lib/backup/fill-home";
import { UserError } from "../../lib/core/errors";
import { homePaths } from "../../lib/model/home-paths";
import { exampleManifest } from "../backup/example";
import { scratchFolder } from "../support/folder";
import { numbers, patience, rounds } from "../support/mutations";

describe(`mutated documents from inside a snapshot (${rounds})`, () => {
  const folder = scratchFolder();
  const here = homePaths(join(folder, "homes", "default"));
  const source = homePaths(join(folder, "source"));
  let document: { files: Record<string, string>; settings?: unknown; manifest: object };

  beforeAll(() => {
    mkdirSync(source.terraform, { recursive: true });
    mkdirSync(join(folder, "homes"));
    const id = exampleManifest.instanceId;
    writeFileSync(source.instance, JSON.stringify({ format: 2, id, created: exampleManifest.created }));
    writeFileSync(source.key, JSON.stringify({ generation: 0, version: 1 }));
    writeFileSync(source.journal, '{"at":"x"}\n');
    writeFileSync(
      source.state("vault"),
      JSON.stringify({ version: 4, lineage: "l", serial: 1, resources: [] }),
    );
    const settings = join(folder, "openrouter.settings.json");
    writeFileSync(settings, "{}");
    document = JSON.parse(gunzipSync(gatherContents(source, exampleManifest, settings)).toString());
  });

  const files = [
    "../../.ssh/authorized_keys",
    "/etc/passwd",
    "scheduled-unseal.sh",
    "drift-ignore.json",
    "host.json",
    "locks/terraform-0123456789abcdef/../../x/vault.lock.hcl",
    "locks/terraform-0123456789abcdef/vault.lock.hcl",
    "tls/../x.pem",
    "tls/ca.pem",
    "credentials/deployer/secret_id",
    "shares.json",
    "key.json",
    "instance.json",
    "vault.tfstate",
    "journal.jsonl",
    "__proto__",
  ];
  const texts = [
    "",
    "{}",
    "null",
    "[]",
    '{"id":"../x"}',
    '{"__proto__":{"a":1}}',
    "x".repeat(5_000_000),
    `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
    "\x1b[2J",
    'provider "registry.terraform.io/evil/evil" {\n}\n',
    'provider "registry.terraform.io/hashicorp/vault" {\n  version = "5.9.0"\n}\n',
    '{"version":4,"lineage":"l","serial":1,"resources":[{"mode":"managed","type":"local_file","name":"x","provider":"provider[\\"registry.terraform.io/hashicorp/local\\"]","instances":[{"attributes":{"filename":"/etc/passwd"}}]}]}',
  ];

  test("are judged in words, within time, and write only the files that a backup has", () => {
    const random = numbers(2);
    const pick = <T>(values: readonly T[]) => values[random(values.length)]!;
    let refused = 0;
    for (let at = 0; at < rounds; at++) {
      const forged = structuredClone(document);
      for (let count = 1 + random(2); count > 0; count--) {
        if (random(5) === 0)
          Object.assign(forged, {
            [pick(["settings", "files", "manifest", "x"])]: pick([
              null,
              [],
              "x",
              { name: "../x.json", text: "{}" },
              { name: "openrouter.settings.json", text: pick(texts) },
            ]),
          });
        else if (typeof forged.files === "object" && forged.files)
          Object.defineProperty(forged.files, pick(files), {
            value: pick(texts),
            enumerable: true,
            configurable: true,
            writable: true,
          });
      }
      const bytes = random(20) === 0 ? Buffer.from(pick(texts)) : gzipSync(JSON.stringify(forged));
      const started = Date.now();
      let error: unknown;
      try {
        fillHome(here, judgeContents(bytes, exampleManifest));
      } catch (caught) {
        error = caught;
      }
      expect({ at, tooLong: Date.now() - started > patience }).toEqual({ at, tooLong: false });
      if (error !== undefined) {
        refused++;
        expect({
          at,
          isTold: error instanceof UserError,
          error: error instanceof UserError ? "" : error,
        }).toEqual({ at, isTold: true, error: "" });
        expect((error as Error).message.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
      }
      const written = readdirSync(folder, { recursive: true, encoding: "utf8" });
      const elsewhere = written.filter((name) => !/^(homes|source|openrouter\.settings\.json)/.test(name));
      expect({ at, elsewhere }).toEqual({ at, elsewhere: [] });
      const inHome = readdirSync(join(folder, "homes"), { recursive: true, encoding: "utf8" });
      for (const name of inHome)
        expect(name).toMatch(
          /^default(\/(instance\.json|key\.json|journal\.jsonl|terraform(\/vault\.tfstate)?|tls(\/ca\.pem)?|locks(\/terraform-0123456789abcdef(\/vault\.lock\.hcl)?)?))?$/,
        );
      rmSync(here.root, { recursive: true, force: true });
    }
    expect(refused).toBeGreaterThan(rounds / 2);
    expect(refused).toBeLessThan(rounds);
  }, 600_000);
});
