import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { readArchive, writeArchive } from "../../lib/backup/archive";
import { gatherContents, judgeContents } from "../../lib/backup/contents";
import { fillHome } from "../../lib/backup/fill-home";
import { manifest as manifestSchema } from "../../lib/backup/manifest";
import { UserError } from "../../lib/errors";
import { homePaths } from "../../lib/model/home-paths";
import { exampleManifest, writeSnapshot } from "../backup/example";
import { isFull } from "../e2e/support/full";
import { scratchFolder } from "../support/folder";
import { type ForgedMember, forgedTar, withSum, withSums } from "../support/forged-archive";

const rounds = isFull ? 2000 : 200;
/** The longest that one of them may take, in milliseconds. */
const patience = 5000;

/** The same numbers at each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** All paths below a folder, with what tells whether they were changed. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => {
      const { size, mode, mtimeMs } = statSync(join(folder, name), { throwIfNoEntry: false }) ?? {};
      return [name, size, mode, mtimeMs].join(" ");
    })
    .sort();
}

const names = [
  "../../.ssh/authorized_keys",
  "/etc/cron.d/x",
  "home/../../x",
  "manifest.json",
  "vault.snap",
  "SHA256SUMS",
  "shares.age",
  "shares.asc",
  "./vault.snap",
  "vault.snap/",
  "__proto__",
  "toString",
  "\x1b]0;x\x07",
  "",
];

describe(`mutated archives (${rounds})`, () => {
  const folder = scratchFolder();
  const inside = join(folder, "inside");
  const [snapshot, file, restored] = ["vault.snap", "backup.tar", "inside/restored.snap"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  let whole: Buffer;
  let snap: Buffer;

  beforeAll(async () => {
    mkdirSync(inside);
    await writeSnapshot(snapshot, 2000);
    await writeArchive(file, { manifest: exampleManifest, snapshot });
    whole = readFileSync(file);
    snap = readFileSync(snapshot);
  });

  const genuine = (): ForgedMember[] => [
    { name: "manifest.json", content: JSON.stringify(exampleManifest) },
    { name: "vault.snap", content: snap },
  ];

  /** One of the kinds of mutation, by its number. */
  function mutated(at: number, random: (below: number) => number): Buffer {
    const pick = <T>(values: readonly T[]) => values[random(values.length)]!;
    const bytes = Buffer.from(whole);
    const blocks = Math.floor(bytes.length / 512);
    switch (at % 8) {
      case 0: {
        for (let count = 1 + random(4); count > 0; count--) bytes[random(bytes.length)] = random(256);
        return bytes;
      }
      case 1:
        return bytes.subarray(0, random(bytes.length));
      case 2: {
        const [from, to] = [random(blocks) * 512, random(blocks) * 512];
        bytes.copy(bytes, to, from, from + 512);
        return bytes;
      }
      case 3: {
        // A header with a right checksum, and anything in it.
        const header = bytes.subarray(0, 512);
        header.write(pick(["7777777777777", "00000000000", "-1", "9z", "00000000001"]), 124);
        if (random(2)) header.write(pick(["1", "2", "3", "4", "5", "6", "x", "g", "L", "S"]), 156);
        if (random(2)) header.write(pick(names), 0);
        withSum(header);
        return bytes;
      }
      case 4: {
        const odd: ForgedMember = {
          name: pick(names),
          type: pick(["0", "0", "1", "2", "3", "5", "6", "x", "L"]),
          link: pick(["/etc/passwd", "..", ""]),
          prefix: pick(["", "", "..", "/etc"]),
          content: Buffer.alloc(random(2000), random(256)),
          ...(random(3) ? {} : { size: random(2 ** 31) }),
        };
        const members = genuine();
        members.splice(random(3), 0, odd);
        return forgedTar(withSums(members));
      }
      case 5: {
        // A manifest of any shape, with right checksums.
        const fields = Object.keys(exampleManifest) as (keyof typeof exampleManifest)[];
        const odd = pick([null, "..", "../x", 2 ** 53, {}, [], "\x1b[2J", "x".repeat(70_000), -1, true]);
        const forged = { ...exampleManifest, [pick(fields)]: odd };
        const [, ...others] = genuine();
        return forgedTar(withSums([{ name: "manifest.json", content: JSON.stringify(forged) }, ...others]));
      }
      case 6: {
        const spoilt = Buffer.from(snap);
        spoilt[random(spoilt.length)] = random(256);
        const [first] = genuine();
        return forgedTar(withSums([first!, { name: "vault.snap", content: spoilt.subarray(random(9)) }]));
      }
      default:
        return forgedTar(withSums(genuine(), `${"0".repeat(64)}  ${pick(names)}\n`)).subarray(
          random(2) * random(3000),
        );
    }
  }

  test("are read or refused in words, within time, and write nothing but the snapshot's file", async () => {
    const random = numbers(1);
    let refused = 0;
    for (let at = 0; at < rounds; at++) {
      rmSync(restored, { force: true });
      writeFileSync(file, mutated(at, random));
      const before = listing(folder);
      const started = Date.now();
      const outcome = await readArchive(file, restored).catch((error: unknown) => error);
      expect({ at, tooLong: Date.now() - started > patience }).toEqual({ at, tooLong: false });
      if (outcome instanceof Error) {
        refused++;
        expect({ at, isTold: outcome instanceof UserError }).toEqual({ at, isTold: true });
        expect(outcome.message.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
      } else {
        const read = outcome as Awaited<ReturnType<typeof readArchive>>;
        expect({ at, shape: manifestSchema.safeParse(read.manifest).success }).toEqual({ at, shape: true });
      }
      rmSync(restored, { force: true });
      expect({ at, left: listing(folder).filter((name) => !name.startsWith("inside ")) }).toEqual({
        at,
        left: before.filter((name) => !name.startsWith("inside ")),
      });
    }
    // Most of them are wrong; and the test is not one that refuses all.
    expect(refused).toBeGreaterThan(rounds / 2);
    expect(refused).toBeLessThan(rounds);
  }, 600_000);
});

describe(`mutated documents from inside a snapshot (${rounds})`, () => {
  const folder = scratchFolder();
  const here = homePaths(join(folder, "homes", "default"));
  const source = homePaths(join(folder, "source"));
  let document: { files: Record<string, string>; settings?: unknown; manifest: object };

  beforeAll(() => {
    mkdirSync(source.terraform, { recursive: true });
    mkdirSync(join(folder, "homes"));
    const id = exampleManifest.instanceId;
    writeFileSync(source.instance, JSON.stringify({ id, created: exampleManifest.created }));
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
