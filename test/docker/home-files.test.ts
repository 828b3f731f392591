import { Readable } from "node:stream";
import { pack } from "tar-stream";
import type { EngineApi } from "../../lib/docker/engine-api";
import { readHomeFile, readHomeFiles } from "../../lib/docker/home-files";

const mebibyte = 2 ** 20;

/** An engine that gives an archive of files with these lengths. */
function engineWith(files: Readonly<Record<string, number>>): EngineApi {
  const archive = pack();
  const write = async () => {
    for (const [name, size] of Object.entries(files)) {
      const entry = archive.entry({ name, size, mode: 0o600, uid: 100 });
      for (let left = size; left > 0; left -= mebibyte)
        if (!entry.write(Buffer.alloc(Math.min(left, mebibyte), "x")))
          await new Promise<void>((resolve) => entry.once("drain", () => resolve()));
      entry.end(undefined);
    }
    archive.finalize();
  };
  void write();
  return { stream: async () => Readable.from(archive) } as unknown as EngineApi;
}

test("of a file that Vault's user made long, only the beginning is kept; the files after it are read", async () => {
  const engine = engineWith({ "vault/token-helper": 8 * mebibyte, "vault/.vault": 3, "vault/other": 1 });
  const files = await readHomeFiles(engine, "vault", ["token-helper", ".vault", "missing"]);
  expect([...files].map(([name, { content }]) => [name, content.length])).toEqual([
    ["token-helper", mebibyte],
    [".vault", 3],
  ]);
});

test("what follows a file without an end is read alone, and so is such a file itself", async () => {
  const endless = 2 ** 50;
  const archives = [
    { "vault/first": 1, "vault/big": endless, "vault/.vault": 3 },
    { ".vault": 3 },
    { "token-helper": endless },
  ];
  const calls: string[] = [];
  const engine = {
    stream: async (_: string, path: string) => {
      calls.push(path.replace(/^.*path=/, ""));
      return engineWith(archives[calls.length - 1]!).stream("GET", path);
    },
  } as unknown as EngineApi;
  const files = await readHomeFiles(engine, "vault", ["first", ".vault", "token-helper"]);
  expect([...files].map(([name, { content }]) => [name, content.length])).toEqual([
    ["first", 1],
    [".vault", 3],
    ["token-helper", mebibyte],
  ]);
  expect(calls).toEqual(["/home/vault", "/home/vault/.vault", "/home/vault/token-helper"]);
});

test("the same for a single file", async () => {
  const file = await readHomeFile(engineWith({ "seal.json": 8 * mebibyte + 1 }), "vault", "seal/seal.json");
  expect(file).toMatchObject({ name: "seal/seal.json", mode: 0o600, uid: 100 });
  expect(file?.content.length).toBe(mebibyte);
});
