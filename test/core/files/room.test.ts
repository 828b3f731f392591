import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pullImage } from "../../../lib/bundle/image";
import { requireRoom, sizeOf, withinRoom } from "../../../lib/core/files/room";
import { EngineApi } from "../../../lib/docker/engine-api";
import { FakeEngine } from "../../host/support";
import { scratchFolder } from "../../support/folder";
import { describeUnless } from "../../support/skip";

const mebibyte = 2 ** 20;
const what = "The snapshot";

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(mebibyte);
}

async function lengthOf(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const chunk of stream) length += chunk.length;
  return length;
}

test("bytes that end are handed on, those that do not are ended", async () => {
  const folder = scratchFolder();
  const ended = (async function* () {
    yield Buffer.alloc(3);
    yield Buffer.alloc(4);
  })();
  expect(await lengthOf(withinRoom(ended, { folder, limit: 7, what }))).toBe(7);
  await expect(lengthOf(withinRoom(endless(), { folder, limit: 40 * mebibyte, what }))).rejects.toThrow(
    "The snapshot does not end",
  );
});

test("the size of folders is that of all files in them", async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "one"), "123");
  const empty = await sizeOf([folder]);
  writeFileSync(join(folder, "in/two"), "4567");
  expect((await sizeOf([folder])) - empty).toBe(4);
});

test("a folder that cannot be looked at is not judged", () => {
  requireRoom("/nonexistent", Number.MAX_SAFE_INTEGER, "it");
});

/** A disk of 80 MiB; undefined if this user may not mount one. */
function smallDisk(): string | undefined {
  const folder = scratchFolder();
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=80m", "tmpfs", folder]);
  return status === 0 ? folder : undefined;
}

const mounted = smallDisk();
describeUnless(mounted ? undefined : "this user may mount no file system")("a small disk", () => {
  const disk = mounted ?? "";
  afterAll(() => {
    execFileSync("umount", [disk]);
  });

  test("is refused before it is filled, with what is left to others", () => {
    requireRoom(disk, 10 * mebibyte, "it");
    expect(() => requireRoom(disk, 20 * mebibyte, "it")).toThrow(/no room for it/);
  });

  test("is not filled by a registry that says how much there is to come", async () => {
    const engine = await new FakeEngine(join(scratchFolder(), "engine.sock")).listen();
    engine.registry = "has";
    const pull = () => pullImage(new EngineApi(engine.socket), "corp/vault", { engineFolder: disk });
    try {
      expect(await pull()).toBeUndefined();
      writeFileSync(join(disk, "other"), Buffer.alloc(20 * mebibyte));
      await expect(pull()).rejects.toThrow(/no room for the image corp\/vault/);
    } finally {
      rmSync(join(disk, "other"), { force: true });
      await engine.close();
    }
  });

  test("ends bytes of which nobody said how many they are, before it is full", async () => {
    const written: Uint8Array[] = [];
    const filling = async () => {
      for await (const chunk of withinRoom(endless(), { folder: disk, limit: 1000 * mebibyte, what })) {
        written.push(chunk);
        writeFileSync(join(disk, `part-${written.length}`), chunk);
      }
    };
    await expect(filling()).rejects.toThrow(/no room for the rest of The snapshot/);
    expect(written.length).toBeLessThan(64);
  });
});
