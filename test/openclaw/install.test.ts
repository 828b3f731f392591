import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../../lib/core/errors";
import { writePrivateFile } from "../../lib/core/files/files";
import { accountOf } from "../../lib/core/system/os-user";
import { homePaths } from "../../lib/model/home-paths";
import { openclawPaths } from "../../lib/model/openclaw/openclaw-paths";
import { UsersFolder } from "../../lib/openclaw/folder/users-folder";
import { smallGatewayConfig } from "../../lib/openclaw/include";
import { install, overridesIn } from "../../lib/openclaw/install";
import { placeCredential } from "../../lib/openclaw/own-files";
import { renewPlacedCredential } from "../../lib/openclaw/renew-credential";
import { uninstall } from "../../lib/openclaw/uninstall";
import { writeCredential } from "../../lib/store/credentials";
import { scratchFolder } from "../support/folder";
import { testAsRoot } from "../support/skip";

const sections = (temperature = 0.3) => ({
  instance_name: "openclaw",
  environment: "production",
  model: { provider: "openrouter", temperature },
  vault: { enabled: true },
  agents: { defaults: { models: [{ id: "a/one" }] } },
});
const config = `${JSON.stringify(sections(), null, 2)}\n`;
const newer = `${JSON.stringify(sections(0.5), null, 2)}\n`;
/** A user's own, with all that ours leaves alone. */
const theirConfig = '{\r\n\t"model": {"provider": "other"},\r\n\t"database": { "port":5432 }\r\n}';
const theirGateway = `// mine
{
  agents: { list: [{ id: "main" }] }, // one
  channels: { telegram: { enabled: true } },
}
`;
const fragment = "// ours\n{}\n";
const names = ["config.json", "openrouter.json5", "openclaw.json"] as const;

let home: string;
let folder: string;

beforeEach(() => {
  const place = scratchFolder();
  home = join(place, "homes/default");
  folder = join(place, "openclaw");
  render({});
  writeCredential(homePaths(home), "reader", { roleId: "role-reader", secretId: "secret-reader" });
});

/** What Terraform rendered. */
function render(texts: { config?: string; fragment?: string }): void {
  writePrivateFile(join(homePaths(home).rendered, "config.json"), texts.config ?? config);
  writePrivateFile(join(homePaths(home).rendered, "openrouter.json5"), texts.fragment ?? fragment);
}

/** What became of the user's files; a second run leaves all as they are. */
function run() {
  const { resolver: _, ...files } = install({ home, folder });
  expect(Object.values(install({ home, folder }))).toEqual(Array(4).fill("unchanged"));
  return files;
}

const at = (name: (typeof names)[number]) => join(folder, name);
const read = (name: (typeof names)[number]) => readFileSync(at(name), "utf8");

function write(name: (typeof names)[number], text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(at(name), text);
}

/** The refusal of an install, before which nothing was written. */
function refusal(): string {
  const before = snapshot();
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(UserError);
  expect(snapshot()).toEqual(before);
  return String(error);
}

/** All that lies in the folder, with inode and time: what was rewritten shows, even with the same text. */
function snapshot(): unknown {
  if (!existsSync(folder)) return "no folder";
  return readdirSync(folder).map((name) => {
    const { ino, mtimeMs, mode } = lstatSync(join(folder, name));
    return { name, ino, mtimeMs, mode };
  });
}

const all = (placement: string) => Object.fromEntries(names.map((name) => [name, placement]));
const nothing = { removed: [], restored: [], parted: [], kept: [], saved: [] };

describe("where nothing is", () => {
  test("all are placed, for their owner alone", () => {
    expect(run()).toEqual(all("placed"));
    expect(names.map(read)).toEqual([config, fragment, smallGatewayConfig]);
    const modes = [folder, ...names.map(at)].map((path) => (statSync(path).mode & 0o777).toString(8));
    expect(modes).toEqual(["700", "600", "600", "600"]);
  });

  test("again changes nothing", () => {
    run();
    const before = snapshot();
    expect(run()).toEqual(all("unchanged"));
    expect(snapshot()).toEqual(before);
  });

  test("what is declared otherwise is changed, and nothing else", () => {
    run();
    render({ fragment: "// newer\n" });
    expect(run()).toEqual({ ...all("unchanged"), "openrouter.json5": "changed" });
    render({ fragment: "// newer\n", config: newer });
    expect(run()).toEqual({ ...all("unchanged"), "config.json": "changed" });
    expect(names.map(read)).toEqual([newer, "// newer\n", smallGatewayConfig]);
  });

  test.each<[string, () => void]>([
    ["removed", () => rmSync(at("openclaw.json"))],
    ["edited", () => writeFileSync(at("openrouter.json5"), "// edited\n")],
    ["edited in our sections", () => writeFileSync(at("config.json"), newer)],
    ["open to others", () => chmodSync(at("config.json"), 0o644)],
    ["without its include", () => writeFileSync(at("openclaw.json"), '{ "gateway": { "mode": "local" } }')],
  ])("what was %s since is put right", (_, change) => {
    run();
    change();
    expect(Object.values(run()).sort()).not.toEqual(Object.values(all("unchanged")));
    expect(read("config.json")).toBe(config);
    expect(read("openrouter.json5")).toBe(fragment);
    expect(JSON.parse(read("openclaw.json"))).toEqual(JSON.parse(smallGatewayConfig));
    expect(statSync(at("config.json")).mode & 0o777).toBe(0o600);
  });
});

describe("where the user has files", () => {
  beforeEach(() => {
    write("config.json", theirConfig);
    write("openclaw.json", theirGateway);
    chmodSync(at("openclaw.json"), 0o640);
    chmodSync(at("config.json"), 0o644);
  });

  test("they are joined: our sections, all else as it was, the include", () => {
    expect(run()).toEqual({
      "config.json": "changed",
      "openrouter.json5": "placed",
      "openclaw.json": "changed",
    });
    const joined = read("config.json");
    expect(JSON.parse(joined)).toEqual({ ...sections(), database: { port: 5432 } });
    expect(joined).toContain('\t"database": { "port":5432 }');
    expect(joined.endsWith("}")).toBe(true);
    expect(read("openclaw.json")).toBe(
      theirGateway.replace("{\n", '{\n  "$include": ["./openrouter.json5"],\n'),
    );
  });

  test("the setup guide's file becomes private, and the gateway's keeps its permissions", () => {
    run();
    expect(["config.json", "openclaw.json"].map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual(
      [0o600, 0o640],
    );
  });

  testAsRoot(
    "a file that is open to a group keeps that group, of root's folder and of another user's",
    () => {
      const place = scratchFolder();
      chmodSync(place, 0o755);
      const theirs = join(place, ".openclaw");
      mkdirSync(theirs);
      for (const [path, user, uid] of [
        [folder, "root", 0],
        [theirs, "nobody", 65534],
      ] as const) {
        const file = join(path, "openclaw.json");
        writeFileSync(file, theirGateway);
        chownSync(path, uid, uid);
        chownSync(file, uid, 4242);
        chmodSync(file, 0o640);
        install({ home, folder: path, user });
        expect(readFileSync(file, "utf8")).toContain("openrouter.json5");
        expect(statSync(file)).toMatchObject({ uid, gid: 4242, mode: 0o100640 });
        uninstall(home);
        expect(statSync(file)).toMatchObject({ uid, gid: 4242, mode: 0o100640 });
      }
    },
  );

  test("what each said before lies beside it", () => {
    run();
    const backups = readdirSync(folder).filter((name) => name.includes(".bak-"));
    expect(backups).toEqual([
      expect.stringMatching(/^config\.json\.bak-\d{8}T\d{9}Z$/),
      expect.stringMatching(/^openclaw\.json\.bak-\d{8}T\d{9}Z$/),
    ]);
    expect(backups.map((name) => readFileSync(join(folder, name), "utf8"))).toEqual([
      theirConfig,
      theirGateway,
    ]);
    for (const name of backups) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  test("of the backups the newest five stay", () => {
    for (let temperature = 1; temperature <= 7; temperature++) {
      render({ config: `${JSON.stringify(sections(temperature))}\n` });
      run();
    }
    const backups = readdirSync(folder)
      .filter((name) => name.startsWith("config.json.bak-"))
      .sort();
    const kept = backups.map(
      (name) => JSON.parse(readFileSync(join(folder, name), "utf8")).model.temperature,
    );
    expect(kept).toEqual([2, 3, 4, 5, 6]);
  });

  test("again changes nothing, and makes no backup", () => {
    run();
    const before = snapshot();
    expect(run()).toEqual(all("unchanged"));
    expect(snapshot()).toEqual(before);
  });

  test("removed by hand, they come back as they were, and joined", () => {
    run();
    const before = [read("config.json"), read("openclaw.json")];
    rmSync(at("config.json"));
    rmSync(at("openclaw.json"));
    run();
    expect([read("config.json"), read("openclaw.json")]).toEqual(before);
    uninstall(home);
    expect([read("config.json"), read("openclaw.json")]).toEqual([theirConfig, theirGateway]);
  });

  test("their first bytes lie in the home, for nobody else, until they are given back", () => {
    run();
    render({ config: newer });
    run();
    const kept = join(homePaths(home).firstFound, "config.json");
    expect(readFileSync(kept, "utf8")).toBe(theirConfig);
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    uninstall(home);
    expect(existsSync(homePaths(home).firstFound)).toBe(false);
  });

  test("uninstalling gives them back to the byte, with their permissions, however often the declaration changed", () => {
    const before = [read("config.json"), read("openclaw.json")];
    for (const text of [config, newer, config, newer]) {
      render({ config: text });
      run();
    }
    expect(uninstall(home)).toEqual({
      ...nothing,
      removed: [at("openrouter.json5")],
      restored: [at("openclaw.json"), at("config.json")],
    });
    expect([read("config.json"), read("openclaw.json")]).toEqual(before);
    expect(["config.json", "openclaw.json"].map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual(
      [0o644, 0o640],
    );
    expect(readdirSync(folder)).toEqual(["config.json", "openclaw.json"]);
  });

  test("uninstalling a file that was edited since takes out only what is ours", () => {
    run();
    writeFileSync(at("config.json"), read("config.json").replace("5432", "5433"));
    writeFileSync(at("openclaw.json"), read("openclaw.json").replace("// one", "// two"));
    expect(uninstall(home)).toEqual({
      ...nothing,
      removed: [at("openrouter.json5")],
      parted: [at("openclaw.json"), at("config.json")],
    });
    expect(read("config.json")).toBe(theirConfig.replace("5432", "5433"));
    expect(read("openclaw.json")).toBe(theirGateway.replace("// one", "// two"));
  });

  test("an edit that a later install met is not lost with it", () => {
    run();
    writeFileSync(at("config.json"), read("config.json").replace("5432", "5433"));
    render({ config: newer });
    run();
    expect(uninstall(home).parted).toEqual([at("config.json")]);
    expect(read("config.json")).toBe(theirConfig.replace("5432", "5433"));
  });

  test.each([
    ["openclaw.json", '{ "gateway": { "mode": "local" }, "mine": 1 }'],
    ["config.json", '{ "mine": 1 }'],
  ] as const)("%s that another program writes meanwhile is not overwritten", (name, edited) => {
    const { make } = UsersFolder;
    jest.spyOn(UsersFolder, "make").mockImplementationOnce((...args) => {
      write(name, edited);
      return make.call(UsersFolder, ...args);
    });
    expect(() => install({ home, folder })).toThrow(`${at(name)} was changed while`);
    expect(read(name)).toBe(edited);
    run();
    expect(JSON.parse(read(name))).toMatchObject({ mine: 1 });
  });

  test("put back by hand as it was first, a file counts as unedited again", () => {
    run();
    writeFileSync(at("config.json"), theirConfig);
    run();
    expect(uninstall(home).restored).toContain(at("config.json"));
    expect(read("config.json")).toBe(theirConfig);
  });

  test("a run that was interrupted anywhere is finished by the next, and can be undone", () => {
    // As interrupted between the record and the files.
    const { firstFound, installed } = homePaths(home);
    run();
    const record = readFileSync(installed, "utf8");
    const bytes = readFileSync(join(firstFound, "config.json"));
    uninstall(home);
    writePrivateFile(installed, record);
    writePrivateFile(join(firstFound, "config.json"), bytes);
    writePrivateFile(join(firstFound, "openclaw.json"), theirGateway);
    run();
    expect(JSON.parse(read("config.json")).model).toEqual(sections().model);
    uninstall(home);
    expect([read("config.json"), read("openclaw.json")]).toEqual([theirConfig, theirGateway]);
  });
});

describe("what cannot be joined stops all, with the file named and nothing written", () => {
  test.each([
    ["config.json", "instance_name: openclaw", "not JSON"],
    ["config.json", "", "not JSON"],
    ["config.json", '{"agents": []}', "agents is a value of type array, not an object"],
    ["config.json", "null", "the file is a value of type null, not an object"],
    ["openclaw.json", "{ a: ", "Unexpected"],
    ["openclaw.json", "[]", "not an object"],
  ] as const)("%s that holds %j", (name, text, reason) => {
    write(name, text);
    const told = refusal();
    expect(told).toContain(`${at(name)} cannot be merged`);
    expect(told).toContain(reason);
    expect(told).toContain(
      name === "config.json"
        ? `cat ${join(homePaths(home).rendered, name)}`
        : '"$include": ["./openrouter.json5"]',
    );
    expect(existsSync(at("openrouter.json5"))).toBe(false);
  });

  test("a file that is not UTF-8", () => {
    write("config.json", "");
    writeFileSync(at("config.json"), Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
    expect(refusal()).toContain(`${at("config.json")} is not text in UTF-8`);
  });

  test("a file of the user's own in the fragment's place", () => {
    write("openrouter.json5", "{ theirs }");
    expect(refusal()).toContain(`${at("openrouter.json5")} already exists`);
  });

  test.each([
    [
      "in it",
      '{\n  secrets: { providers: { "openclaw-openrouter": { source: "env" } } },\n}',
      "openclaw.json, line 2",
    ],
    ["in a file that it includes", "{ secrets: { $include: './secrets.json5' } }", "secrets.json5, line 1"],
    ["in one that it includes before the fragment", "{ $include: './own.json5' }", "own.json5, line 1"],
  ])("a secret provider of the user's own that has our name, %s", (_, text, place) => {
    write("openclaw.json", text);
    writeFileSync(join(folder, "secrets.json5"), "{ providers: { 'openclaw-openrouter': {} } }");
    const own = "{ secrets: { providers: { 'openclaw-openrouter': { args: ['x'] } } } }";
    writeFileSync(join(folder, "own.json5"), own);
    const told = refusal();
    expect(told).toContain("secret provider of your own has the name that this program uses");
    expect(told).toContain(place);
  });
});

describe("what is no plain file of the user's is refused and stays", () => {
  test.each(names)("%s: a symbolic link, even to the same text", (name) => {
    mkdirSync(folder);
    const target = join(scratchFolder(), "target");
    writeFileSync(target, config);
    symlinkSync(target, at(name));
    expect(refusal()).toContain("got:      a symbolic link");
    expect(refusal()).toContain("put the file in the link's place");
    expect(readFileSync(target, "utf8")).toBe(config);
  });

  test("a link that leads nowhere", () => {
    mkdirSync(folder);
    symlinkSync("nowhere", at("config.json"));
    expect(refusal()).toContain("got:      a symbolic link");
  });

  test.each(names)("%s: a folder", (name) => {
    mkdirSync(at(name), { recursive: true });
    expect(refusal()).toContain("got:      a folder");
  });

  test.each(names)("%s: a file with a second name", (name) => {
    write(name, config);
    linkSync(at(name), join(folder, "other-name"));
    expect(refusal()).toContain("with 2 names");
  });

  testAsRoot("a folder of another user's", () => {
    mkdirSync(folder);
    chownSync(folder, 65534, 65534);
    expect(refusal()).toContain("set `openclaw.user`");
  });

  for (const name of names)
    testAsRoot(`${name}: another user's file`, () => {
      write(name, config);
      chownSync(at(name), 65534, 65534);
      expect(refusal()).toContain("a file of uid 65534");
    });
});

testAsRoot("a folder that was given to another user since, such as a container's, is taken over", () => {
  run();
  chmodSync(join(folder, ".."), 0o755);
  const paths = [folder, openclawPaths(folder).own];
  const files = paths.flatMap((path) => readdirSync(path).map((name) => join(path, name)));
  for (const path of [...paths, ...files]) chownSync(path, 4321, 4322);
  const gateway = { container: "claw", folder: "/home/node/.openclaw", node: "/usr/local/bin/node" };
  const there = {
    gateway: { ...gateway, address: "unix:///run/openclaw-vault/vault.sock", socketVolume: "s" },
  };
  render({ fragment: "// with paths of the container\n{}\n" });
  install({ home, folder, user: "4321:4322", ...there });
  const { resolver } = openclawPaths(folder);
  expect(statSync(resolver)).toMatchObject({ uid: 4321, gid: 4322 });
  expect(readFileSync(resolver, "utf8")).toMatch(/^#!\/usr\/local\/bin\/node\n/);
  expect(readFileSync(join(resolver, "../listener_uid"), "utf8")).toBe("100\n");
  expect(Object.values(install({ home, folder, user: "4321:4322", ...there }))).toEqual(
    Array(4).fill("unchanged"),
  );
});

describe("what wins over the fragment", () => {
  test.each([
    ["{}", []],
    ['{\n  agents: {\n    defaults: { model: "x" } } }', [["agents.defaults.model", "openclaw.json", 3]]],
    ["{ models: { providers: { openrouter: {} } } }", [["models.providers.openrouter", "openclaw.json", 1]]],
    ["{ models: { providers: { other: {} } }, agents: { defaults: { models: {} } } }", []],
    ["{ agents: null }", [["agents.defaults.model", "openclaw.json", 1]]],
    ['{ $include: ["./mine.json5"] }', []],
    ['{ $include: ["./openrouter.json5", "./mine.json5"] }', [["agents.defaults.model", "mine.json5", 2]]],
    [
      '{ $include: ["./fallbacks.json5", "./openrouter.json5"] }',
      [["agents.defaults.model.fallbacks", "fallbacks.json5", 2]],
    ],
    ['{ $include: ["./fallbacks.json5"] }', [["agents.defaults.model.fallbacks", "fallbacks.json5", 2]]],
    ['{ $include: ["./string.json5"] }', []],
    [
      '{ $include: ["./openrouter.json5", "./fallbacks.json5"] }',
      [["agents.defaults.model", "fallbacks.json5", 2]],
    ],
    ['{ agents: { $include: "./agents.json5" } }', [["agents.defaults.model", "agents.json5", 1]]],
    ['{ agents: { $include: "./missing.json5" } }', []],
    ['{ agents: { $include: "./broken.json5" } }', []],
    ['{ agents: { $include: "./circle.json5" } }', []],
  ])("is found by name and line in %j", (text, expected) => {
    write("openclaw.json", text);
    writeFileSync(join(folder, "mine.json5"), "{\n  agents: { defaults: { model: { primary: 'x' } } } }");
    writeFileSync(
      join(folder, "fallbacks.json5"),
      "{\n agents: { defaults: { model: { fallbacks: ['x'] } } } }",
    );
    writeFileSync(join(folder, "string.json5"), "{ agents: { defaults: { model: 'x' } } }");
    writeFileSync(join(folder, "agents.json5"), "{ defaults: { model: { primary: 'x' } } }");
    writeFileSync(join(folder, "broken.json5"), "{");
    writeFileSync(join(folder, "circle.json5"), "{ $include: './circle.json5' }");
    run();
    const { values } = UsersFolder.with(folder, accountOf(), (opened) => overridesIn(opened!));
    const found = values.map(({ name, file, line }) => [name, basename(file), line]);
    // The include, where it was added, has a line of its own only where the file has lines.
    expect(found.map(([name, file]) => [name, file])).toEqual(expected.map(([name, file]) => [name, file]));
    const moved = text.includes("\n") && !text.includes("$include") ? 1 : 0;
    expect(found.map(([, , line]) => line)).toEqual(expected.map(([, , line]) => Number(line) + moved));
  });
});

describe("uninstalling", () => {
  test("removes ours, and the folder that was made for it", () => {
    run();
    expect(uninstall(home)).toEqual({ ...nothing, removed: [...names].reverse().map(at) });
    expect(existsSync(folder)).toBe(false);
  });

  test("leaves what was added to files that were not there before", () => {
    run();
    writeFileSync(at("config.json"), read("config.json").replace("{", '{\n  "mine": 1,'));
    writeFileSync(at("openclaw.json"), read("openclaw.json").replace("{", '{\n  "mine": 1,'));
    uninstall(home);
    expect(JSON.parse(read("config.json"))).toEqual({ mine: 1 });
    expect(JSON.parse(read("openclaw.json"))).toEqual({ mine: 1 });
  });

  test("an edited fragment goes, and lies beside as a backup", () => {
    run();
    writeFileSync(at("openrouter.json5"), "// edited\n");
    uninstall(home);
    const left = readdirSync(folder);
    expect(left).toEqual([expect.stringMatching(/^openrouter\.json5\.bak-/)]);
    expect(readFileSync(join(folder, left[0] ?? ""), "utf8")).toBe("// edited\n");
  });

  test("keeps a file that does not parse any more", () => {
    run();
    writeFileSync(at("config.json"), "{ broken");
    expect(uninstall(home).kept).toEqual([at("config.json")]);
    expect(read("config.json")).toBe("{ broken");
  });

  describe("loses no original that cannot be restored now", () => {
    /** The originals that were saved, by their names, where no purge removes them. */
    const saved = () => {
      const { saved: paths } = uninstall(home);
      rmSync(home, { recursive: true });
      return Object.fromEntries(paths.map((path) => [basename(path), readFileSync(path, "utf8")]));
    };

    test.each<[string, () => void]>([
      ["is gone", () => renameSync(folder, `${folder}-elsewhere`)],
      [
        "is an empty mount point",
        () => {
          renameSync(folder, `${folder}-elsewhere`);
          mkdirSync(folder);
        },
      ],
    ])("since the folder %s", (_, unmount) => {
      write("config.json", theirConfig);
      write("openclaw.json", theirGateway);
      run();
      unmount();
      expect(saved()).toEqual({ "config.json": theirConfig, "openclaw.json": theirGateway });
    });

    test("since a file is broken: the other one is restored", () => {
      write("config.json", theirConfig);
      write("openclaw.json", theirGateway);
      run();
      writeFileSync(at("openclaw.json"), "");
      expect(saved()).toEqual({ "openclaw.json": theirGateway });
      expect(read("config.json")).toBe(theirConfig);
    });

    test("since the settings name another folder while the previous one is not mounted", () => {
      write("config.json", theirConfig);
      run();
      renameSync(folder, `${folder}-elsewhere`);
      folder = join(scratchFolder(), "other");
      run();
      const backups = join(home, "../../homes-backups/default");
      const [name = ""] = readdirSync(backups);
      expect(readFileSync(join(backups, name, "config.json"), "utf8")).toBe(theirConfig);
    });
  });

  test("restores the originals in a folder that was moved", () => {
    write("config.json", theirConfig);
    write("openclaw.json", theirGateway);
    run();
    const moved = join(scratchFolder(), "moved");
    renameSync(folder, moved);
    folder = moved;
    render({ fragment: "// newer\n" });
    expect(run()).toEqual({ ...all("unchanged"), "openrouter.json5": "changed" });
    uninstall(home);
    expect(read("config.json")).toBe(theirConfig);
    expect(read("openclaw.json")).toBe(theirGateway);
    expect(readdirSync(folder).sort()).toEqual(["config.json", "openclaw.json"]);
  });

  test("keeps a folder that was there before", () => {
    mkdirSync(folder);
    run();
    uninstall(home);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("keeps a folder in which something else lies by now", () => {
    run();
    writeFileSync(join(folder, "theirs"), "");
    uninstall(home);
    expect(readdirSync(folder)).toEqual(["theirs"]);
  });

  test("remembers over a second install that the folder was made for it", () => {
    run();
    render({ fragment: "// newer\n" });
    run();
    uninstall(home);
    expect(existsSync(folder)).toBe(false);
  });

  test("happens by itself where the settings name another folder", () => {
    write("config.json", theirConfig);
    run();
    const old = folder;
    folder = join(scratchFolder(), "elsewhere");
    run();
    expect(readFileSync(join(old, "config.json"), "utf8")).toBe(theirConfig);
    expect(readdirSync(old)).toEqual(["config.json"]);
    expect(read("config.json")).toBe(config);
  });

  test.each<[string, () => unknown]>([
    ["an uninstall", () => expect(uninstall(home)).toEqual({ ...nothing, kept: [folder] })],
    ["an install in another folder", () => install({ home, folder: join(scratchFolder(), "elsewhere") })],
  ])("whose user is gone is not in the way of %s", (_, work) => {
    run();
    const { installed } = homePaths(home);
    const record = JSON.parse(readFileSync(installed, "utf8"));
    writePrivateFile(installed, JSON.stringify({ ...record, user: "nobody-has-this-name" }));
    const before = snapshot();
    work();
    expect(snapshot()).toEqual(before);
    expect(uninstall(home).kept).toEqual([]);
  });

  describe("is not for the same folder under another name", () => {
    test.each<[string, (other: string) => string]>([
      ["with a slash at its end", () => `${folder}/`],
      ["with two slashes", () => folder.replace("/openclaw-test", "//openclaw-test")],
      [
        "by a link to it",
        (other) => {
          symlinkSync(folder, other);
          return other;
        },
      ],
      [
        "which is a link now",
        (other) => {
          renameSync(folder, other);
          symlinkSync(other, folder);
          return other;
        },
      ],
    ])("%s", (_, renamed) => {
      write("config.json", theirConfig);
      run();
      const earlier = folder;
      folder = renamed(join(scratchFolder(), "other"));
      expect(folder).not.toBe(earlier);
      render({ fragment: "// newer\n" });
      expect(run()).toEqual({ ...all("unchanged"), "openrouter.json5": "changed" });
      render({ fragment });
      run();
      expect(names.map((name) => existsSync(at(name)))).toEqual([true, true, true]);
      uninstall(home);
      expect(read("config.json")).toBe(theirConfig);
      expect(readdirSync(folder)).toEqual(["config.json"]);
    });
  });

  test("gives back the originals before they are read again, where the folder has another name and user", () => {
    write("config.json", theirConfig);
    install({ home, folder, user: accountOf().name });
    install({ home, folder: `${folder}/` });
    expect(JSON.parse(read("config.json"))).toMatchObject(sections());
    expect(names.map((name) => existsSync(at(name)))).toEqual([true, true, true]);
    uninstall(home);
    expect(read("config.json")).toBe(theirConfig);
  });

  test("does nothing where nothing was installed, or it was done already", () => {
    expect(uninstall(home)).toEqual(nothing);
    run();
    uninstall(home);
    write("config.json", config);
    expect(uninstall(home)).toEqual(nothing);
    expect(read("config.json")).toBe(config);
  });

  test("passes over what was removed by hand", () => {
    run();
    rmSync(folder, { recursive: true });
    expect(uninstall(home)).toEqual(nothing);
  });

  test("keeps a folder or a link that stands instead of ours by now", () => {
    run();
    for (const name of names) rmSync(at(name));
    mkdirSync(at("config.json"));
    const target = join(scratchFolder(), "target");
    writeFileSync(target, fragment);
    symlinkSync(target, at("openrouter.json5"));
    expect(uninstall(home)).toEqual({ ...nothing, kept: [at("openrouter.json5"), at("config.json")] });
    expect(readdirSync(folder)).toEqual(["config.json", "openrouter.json5"]);
  });
});

describe("what is ours alone", () => {
  const paths = () => openclawPaths(folder);
  const own = () => [paths().resolver, paths().roleId, paths().secretId];

  test("is placed for its owner alone, the resolver with an absolute interpreter", () => {
    expect(install({ home, folder }).resolver).toBe("placed");
    const modes = [paths().own, ...own()].map((path) => (statSync(path).mode & 0o777).toString(8));
    expect(modes).toEqual(["700", "700", "600", "600"]);
    expect(readFileSync(paths().resolver, "utf8").split("\n")[0]).toBe(`#!${process.execPath}`);
    expect(readFileSync(paths().secretId, "utf8")).toBe("secret-reader\n");
  });

  test("again changes nothing", () => {
    install({ home, folder });
    const before = own().map((path) => statSync(path).ino);
    expect(install({ home, folder }).resolver).toBe("unchanged");
    expect(own().map((path) => statSync(path).ino)).toEqual(before);
  });

  test.each<[string, () => void]>([
    ["edited", () => writeFileSync(paths().resolver, "#!/bin/sh\n")],
    ["open to others", () => chmodSync(paths().secretId, 0o644)],
    ["not executable", () => chmodSync(paths().resolver, 0o600)],
    ["removed", () => rmSync(paths().roleId)],
    ["in an open folder", () => chmodSync(paths().own, 0o755)],
  ])("is put right where it was %s", (_, change) => {
    install({ home, folder });
    const before = own().map((path) => readFileSync(path, "utf8"));
    change();
    expect(install({ home, folder }).resolver).toBe("placed");
    expect(own().map((path) => readFileSync(path, "utf8"))).toEqual(before);
    const modes = [paths().own, ...own()].map((path) => (statSync(path).mode & 0o777).toString(8));
    expect(modes).toEqual(["700", "700", "600", "600"]);
  });

  test("follows the reader's credential", () => {
    install({ home, folder });
    writeCredential(homePaths(home), "reader", { roleId: "role-reader", secretId: "another" });
    placeCredential(home, folder, accountOf());
    expect(readFileSync(paths().secretId, "utf8")).toBe("another\n");
  });

  test.each([
    ["is gone", () => {}],
    ["is an empty mount point", () => mkdirSync(folder)],
  ])("gets no new credential where the folder %s, and its caller hears of it", (_, mountPoint) => {
    install({ home, folder });
    renameSync(folder, `${folder}-elsewhere`);
    mountPoint();
    const before = existsSync(folder) && readdirSync(folder);
    expect(renewPlacedCredential(homePaths(home))).toContain("its disk is not mounted");
    expect(existsSync(folder) && readdirSync(folder)).toEqual(before);
  });

  test("keeps its interpreter for as long as that runs, unless the settings name one", () => {
    const node = join(scratchFolder(), "node");
    symlinkSync(process.execPath, node);
    const interpreter = () => readFileSync(paths().resolver, "utf8").split("\n")[0];
    install({ home, folder, node });
    install({ home, folder });
    expect(interpreter()).toBe(`#!${node}`);
    rmSync(node);
    install({ home, folder });
    expect(interpreter()).toBe(`#!${process.execPath}`);
    expect(() => install({ home, folder, node })).toThrow(/can run no Node/);
  });

  test.each([
    ["a link", () => symlinkSync("/etc/hostname", paths().secretId)],
    ["a folder", () => mkdirSync(paths().resolver)],
  ])("is not placed over %s, and nothing else is then", (_, make) => {
    mkdirSync(paths().own, { recursive: true });
    make();
    expect(refusal()).toContain("is not touched");
    expect(existsSync(at("config.json"))).toBe(false);
  });

  test("is not placed through a link instead of its folder", () => {
    mkdirSync(folder);
    const target = scratchFolder();
    symlinkSync(target, paths().own);
    expect(refusal()).toContain("a symbolic link");
    expect(readdirSync(target)).toEqual([]);
  });

  test("goes with the rest, but not what somebody put beside it", () => {
    install({ home, folder });
    writeFileSync(join(paths().own, "theirs"), "");
    uninstall(home);
    expect(readdirSync(paths().own)).toEqual(["theirs"]);
  });

  testAsRoot("belongs to the user who runs OpenClaw where root deploys, and so does all else", () => {
    const place = scratchFolder();
    chmodSync(place, 0o755);
    const theirs = join(place, "home");
    mkdirSync(theirs);
    chownSync(theirs, 65534, 65534);
    folder = join(theirs, ".openclaw");
    install({ home, folder, user: "nobody" });
    for (const path of [folder, paths().own, ...own(), ...names.map(at)]) {
      expect(statSync(path).uid).toBe(65534);
    }
    expect(statSync(homePaths(home).installed).uid).toBe(0);
    uninstall(home);
    expect(readdirSync(theirs)).toEqual([]);
  });

  testAsRoot("root follows no link of that user's to where the user could not write", () => {
    const place = scratchFolder();
    chmodSync(place, 0o755);
    const roots = scratchFolder();
    const theirs = join(place, "home");
    mkdirSync(theirs);
    symlinkSync(roots, join(theirs, ".openclaw"));
    folder = join(theirs, ".openclaw");
    expect(() => install({ home, folder, user: "nobody" })).toThrow();
    expect(readdirSync(roots)).toEqual([]);
  });
});
