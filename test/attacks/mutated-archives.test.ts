import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readArchive, writeArchive } from "../../lib/backup/archive";
import { manifest as manifestSchema } from "../../lib/backup/manifest";
import { UserError } from "../../lib/core/errors";
import { exampleManifest, writeSnapshot } from "../backup/example";
import { scratchFolder } from "../support/folder";
import { type ForgedMember, forgedTar, withSum, withSums } from "../support/forged-archive";
import { numbers, patience, rounds } from "../support/mutations";

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
    await writeArchive(file, `${file}.draft`, { manifest: exampleManifest, snapshot });
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
