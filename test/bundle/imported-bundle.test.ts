import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Bundle, openBundle, partFile } from "../../lib/bundle/bundle";
import { partNames } from "../../lib/bundle/bundle-parts";
import { checksumsFile, readChecksums, writeChecksums } from "../../lib/bundle/checksums";
import { claimFolder, exportBundle } from "../../lib/bundle/export-bundle";
import { imageToolsFolder } from "../../lib/bundle/image-tools";
import {
  carriedFolders,
  manifestFile,
  partsFolder,
  takeImportedBundle,
} from "../../lib/bundle/imported-bundle";
import { inspectHost } from "../../lib/operations/doctor";
import { failure, scratchFolder, write } from "../host/support";

const root = scratchFolder();
const made = join(root, "made");
/** The host's own bundle, with nothing in it. */
let bundle: Bundle;
let carried: string;
let count = 0;

/** An imported bundle as `bundle --out` lays it out, of programs of no use. */
beforeAll(async () => {
  const source = { ...openBundle(), folder: join(made, partsFolder) };
  for (const name of partNames) write(partFile(source, name), `the program ${name}`);
  write(join(imageToolsFolder(source), "root/usr/bin/busybox"), "busybox");
  write(join(imageToolsFolder(source), "applets"), "sh\n");
  write(
    join(made, manifestFile),
    JSON.stringify({
      version: 1,
      program: "0.1.0",
      platform: source.platform,
      parts: readdirSync(source.folder),
      npm: { registry: "https://packages.example/", program: "openclaw-openrouter-0.1.0.tgz" },
    }),
  );
  await writeChecksums(made);
});

beforeEach(() => {
  const folder = join(root, String(++count));
  carried = join(folder, "carried");
  cpSync(made, carried, { recursive: true });
  bundle = openBundle({ env: { OPENCLAW_OPENROUTER_CACHE: join(folder, "cache") } });
});

const manifest = () => JSON.parse(readFileSync(join(carried, manifestFile), "utf8"));
const change = (more: object) =>
  writeFileSync(join(carried, manifestFile), JSON.stringify({ ...manifest(), ...more }));

test("every part is taken over, and the carried folder is needed no more", async () => {
  await takeImportedBundle(carried, bundle);
  rmSync(carried, { recursive: true });
  for (const name of partNames) {
    expect(readFileSync(partFile(bundle, name), "utf8")).toBe(`the program ${name}`);
    expect(statSync(partFile(bundle, name)).mode & 0o777).toBe(0o755);
  }
  expect(readFileSync(join(imageToolsFolder(bundle), "applets"), "utf8")).toBe("sh\n");
});

test("what is there already is left alone, and not read again", async () => {
  await takeImportedBundle(carried, bundle);
  const before = statSync(partFile(bundle, "vault")).mtimeMs;
  rmSync(join(carried, partsFolder), { recursive: true });
  await takeImportedBundle(carried, bundle);
  expect(statSync(partFile(bundle, "vault")).mtimeMs).toBe(before);
});

describe("an imported bundle is a stop, with nothing of the bad part taken,", () => {
  const program = () => partFile({ ...bundle, folder: join(carried, partsFolder) }, "vault");

  test.each<[string, () => void, RegExp]>([
    ["where a bit of a program is another", () => writeFileSync(program(), "the program vaulT"), /damaged/],
    ["where half of a program is there", () => writeFileSync(program(), "the prog"), /damaged[\s\S]*vault/],
    ["where a program is not there", () => rmSync(program()), /damaged[\s\S]*sha256sum -c/],
    ["without its checksums", () => rmSync(join(carried, checksumsFile)), /damaged[\s\S]*SHA256SUMS/],
    ["with half of its checksums", () => writeFileSync(join(carried, checksumsFile), ""), /damaged/],
    ["for another machine", () => change({ platform: { os: "linux", arch: "s390x" } }), /s390x[\s\S]*--arch/],
    ["of another version", () => change({ parts: ["vault-1.0"] }), /another version[\s\S]*vault-1\.21\.2/],
    ["that was not finished", () => rmSync(join(carried, manifestFile)), /not finished[\s\S]*bundle --out/],
    ["whose description is invalid", () => writeFileSync(join(carried, manifestFile), "{"), /cannot be read/],
    ["that is not there", () => rmSync(carried, { recursive: true }), /does not exist/],
  ])("%s", async (_, spoil, says) => {
    spoil();
    expect(await failure(() => takeImportedBundle(carried, bundle))).toMatch(says);
    expect(existsSync(partFile(bundle, "vault"))).toBe(false);
    expect(
      existsSync(bundle.folder) ? readdirSync(bundle.folder).filter((name) => name.startsWith(".")) : [],
    ).toEqual([]);
  });
});

test("a checksum's path never leads out of the folder", async () => {
  const sum = "0".repeat(64);
  writeFileSync(join(carried, checksumsFile), `${sum}  ../../etc/passwd\n${sum}  /etc/passwd\n${sum}  a/b\n`);
  expect([...(await readChecksums(carried)).keys()]).toEqual(["a/b"]);
});

test("doctor tells of an imported bundle without taking it, and that no Go is needed then", async () => {
  const look = async () => {
    const env = {
      PATH: join(root, "nothing"),
      HOME: root,
      OPENCLAW_OPENROUTER_CACHE: join(bundle.folder, ".."),
    };
    const found = await inspectHost({ instance: "default", home: join(root, "home"), bundle: carried, env });
    return Object.fromEntries(found.map((finding) => [finding.id, finding]));
  };
  expect(await look()).toMatchObject({
    "bundle.parts": { status: "pass", summary: expect.stringContaining(carried) },
    "bundle.go": { status: "pass" },
  });
  expect(carriedFolders(bundle).some((path) => existsSync(path))).toBe(false);
  change({ platform: { os: "linux", arch: "s390x" } });
  expect((await look())["bundle.parts"]).toMatchObject({
    status: "fail",
    fix: expect.stringContaining("--arch"),
  });
});

describe("the folder of --out", () => {
  test("is made, and one with an offline bundle is used again", async () => {
    await claimFolder(join(root, "new", "bundle"));
    await claimFolder(join(root, "new", "bundle"));
    await claimFolder(carried);
  });

  test("with something else in it is left alone", async () => {
    const photos = join(root, "photos");
    write(join(photos, "cat.jpg"), "");
    expect(await failure(() => claimFolder(photos))).toMatch(
      /other files than an offline bundle[\s\S]*cat\.jpg/,
    );
    expect(readdirSync(photos)).toEqual(["cat.jpg"]);
  });

  test.each(["", "{}", '{ "version": 1, "entry": "main.js" }'])(
    "with a bundle.json of something else is left alone: %j",
    async (content) => {
      const site = join(root, `site-${++count}`);
      write(join(site, manifestFile), content);
      write(join(site, "parts/header.html"), "");
      const message = await failure(() => exportBundle(site, bundle));
      expect(message).toMatch(/other files than an offline bundle[\s\S]*bundle\.json/);
      expect(readdirSync(site).sort()).toEqual([manifestFile, partsFolder]);
    },
  );

  test.each([".unfinished", "openclaw-openrouter-9.9.9.tgz", "npm"])(
    "with a link named %s is left alone, and so is where it leads",
    async (name) => {
      const [folder, elsewhere] = ["medium", "elsewhere"].map((each) => join(carried, "..", each)) as [
        string,
        string,
      ];
      mkdirSync(folder);
      writeFileSync(elsewhere, "somebody's");
      symlinkSync(elsewhere, join(folder, name));
      if (name !== ".unfinished") writeFileSync(join(folder, ".unfinished"), "");
      expect(await failure(() => claimFolder(folder))).toContain(`got:      ${join(folder, name)}`);
      expect(readFileSync(elsewhere, "utf8")).toBe("somebody's");
    },
  );

  test("with a bundle that another user could exchange while it is removed is left alone", async () => {
    chmodSync(carried, 0o777);
    expect(await failure(() => exportBundle(carried, bundle))).toContain("everybody can write to");
    expect(readdirSync(carried)).toEqual(expect.arrayContaining(readdirSync(made)));
  });

  test("keeps a user's own tarball beside the bundle that is replaced", async () => {
    for (const name of ["openclaw-openrouter-0.1.0.tgz", "photos.tgz"]) write(join(carried, name), "");
    // This host has no parts to copy: the export ends after it has removed the previous bundle.
    expect(await failure(() => exportBundle(carried, bundle))).toMatch(/ENOENT/);
    expect(readdirSync(carried).sort()).toEqual([".unfinished", "photos.tgz"]);
  });

  test("removes nothing outside of it, whatever its manifest names", async () => {
    change({ npm: { ...manifest().npm, program: "../photos.tgz" } });
    write(join(carried, "../photos.tgz"), "");
    expect(await failure(() => exportBundle(carried, bundle))).toMatch(/ENOENT/);
    expect(existsSync(join(carried, "../photos.tgz"))).toBe(true);
  });
});
