import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "../../lib/errors";
import { accountOf } from "../../lib/host/account";
import { writePrivateFile } from "../../lib/instance/files";
import { homePaths } from "../../lib/model/home-paths";
import { openclawPaths } from "../../lib/model/openclaw-paths";
import { install, uninstall } from "../../lib/openclaw/install";
import { placeCredential } from "../../lib/openclaw/own-files";
import { writeCredential } from "../../lib/vault/credentials";
import { scratchFolder } from "../support/folder";

const config =
  '{\n  "instance_name": "openclaw",\n  "agents": {\n    "defaults": {\n      "temperature": 0.3\n    }\n  }\n}\n';
const fragment = "// ours\n{}\n";
const names = ["config.json", "openrouter.json5"] as const;
const asRoot = process.getuid?.() === 0 ? test : test.skip;

let home: string;
let folder: string;

beforeEach(() => {
  const place = scratchFolder();
  home = join(place, "home");
  folder = join(place, "openclaw");
  render({});
  writeCredential(homePaths(home), "reader", { roleId: "role-reader", secretId: "secret-reader" });
});

/** What Terraform rendered. */
function render(texts: { config?: string; fragment?: string }): void {
  writePrivateFile(join(homePaths(home).rendered, "config.json"), texts.config ?? config);
  writePrivateFile(join(homePaths(home).rendered, "openrouter.json5"), texts.fragment ?? fragment);
}

/** What became of the two artifacts. */
function run() {
  const { resolver: _, ...artifacts } = install({ home, folder });
  return artifacts;
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
    const { ino, mtimeMs, mode } = statSync(join(folder, name), { throwIfNoEntry: false }) ?? {};
    return { name, ino, mtimeMs, mode };
  });
}

describe("installing", () => {
  test("places both where nothing is, for their owner alone", () => {
    expect(run()).toEqual({ "config.json": "placed", "openrouter.json5": "placed" });
    expect([read("config.json"), read("openrouter.json5")]).toEqual([config, fragment]);
    const modes = [folder, ...names.map(at)].map((path) => (statSync(path).mode & 0o777).toString(8));
    expect(modes).toEqual(["700", "600", "600"]);
  });

  test("again changes nothing", () => {
    run();
    const before = snapshot();
    expect(run()).toEqual({ "config.json": "unchanged", "openrouter.json5": "unchanged" });
    expect(snapshot()).toEqual(before);
  });

  test("replaces ours by a newer one", () => {
    run();
    render({ fragment: "// newer\n" });
    expect(run()).toEqual({ "config.json": "unchanged", "openrouter.json5": "replaced" });
    expect(read("openrouter.json5")).toBe("// newer\n");
  });

  test("places ours again where it was removed", () => {
    run();
    rmSync(at("config.json"));
    expect(run()["config.json"]).toBe("placed");
  });

  test("leaves the user's other files alone", () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "openclaw.json"), "{ theirs }");
    run();
    expect(readFileSync(join(folder, "openclaw.json"), "utf8")).toBe("{ theirs }");
  });
});

describe("a file in the way", () => {
  test("of the user's own: stops with the text to add, and places neither", () => {
    write("openrouter.json5", "{ theirs }");
    const told = refusal();
    expect(told).toContain(`${at("openrouter.json5")} is there already`);
    expect(told).toContain("got:      a file of your own");
    expect(told.replace(/^ +/gm, "")).toContain(`run this again:\n${fragment.trim()}`);
    expect(existsSync(at("config.json"))).toBe(false);
  });

  test("of ours, edited since: stops", () => {
    run();
    writeFileSync(at("config.json"), config.replace("openclaw", "mine"));
    render({ config: config.replace("0.3", "0.5") });
    expect(refusal()).toContain("got:      our file, edited since");
  });

  test("of a folder that was ours before another was named: stops", () => {
    run();
    folder = join(scratchFolder(), "elsewhere");
    write("config.json", "{}");
    expect(refusal()).toContain("a file of your own");
  });

  test.each([
    [
      "more in it",
      `{"theirs":1,"agents":{"list":[],"defaults":{"temperature":0.3,"x":2}},"instance_name":"openclaw"}`,
    ],
    ["other blanks", JSON.stringify(JSON.parse(config))],
  ])("that says the same, with %s: stays as it is", (_, text) => {
    write("config.json", text);
    const before = statSync(at("config.json"));
    expect(run()).toEqual({ "config.json": "kept: it says the same", "openrouter.json5": "placed" });
    expect(read("config.json")).toBe(text);
    expect(statSync(at("config.json")).ino).toBe(before.ino);
    expect(uninstall(home).removed).toEqual([at("openrouter.json5")]);
    expect(read("config.json")).toBe(text);
  });

  test.each([
    ["another value", config.replace("0.3", "0.9")],
    ["a value missing", '{"instance_name":"openclaw"}'],
    ["a list for an object", "[]"],
    ["null", "null"],
    ["no JSON", "instance_name: openclaw"],
    ["nothing", ""],
  ])("that says something else stops: %s", (_, text) => {
    write("config.json", text);
    expect(refusal()).toContain("config.json is there already");
  });
});

describe("what is no plain file of the user's is refused and stays", () => {
  test("a symbolic link, even to the same text", () => {
    mkdirSync(folder);
    const target = join(scratchFolder(), "target");
    writeFileSync(target, config);
    symlinkSync(target, at("config.json"));
    expect(refusal()).toContain("got:      a symbolic link");
    expect(readFileSync(target, "utf8")).toBe(config);
  });

  test("a link that leads nowhere", () => {
    mkdirSync(folder);
    symlinkSync("nowhere", at("config.json"));
    expect(refusal()).toContain("got:      a symbolic link");
  });

  test("a folder", () => {
    mkdirSync(at("openrouter.json5"), { recursive: true });
    expect(refusal()).toContain("got:      a folder");
  });

  test("a file with a second name", () => {
    write("config.json", config);
    linkSync(at("config.json"), join(folder, "other-name"));
    expect(refusal()).toContain("with 2 names");
  });

  asRoot("another user's file", () => {
    write("config.json", config);
    chownSync(at("config.json"), 65534, 65534);
    expect(refusal()).toContain("a file of uid 65534");
  });
});

describe("uninstalling", () => {
  test("removes ours, and the folder that was made for it", () => {
    run();
    expect(uninstall(home)).toEqual({ removed: names.map(at), kept: [] });
    expect(existsSync(folder)).toBe(false);
  });

  test("keeps what was edited since, and names it", () => {
    run();
    writeFileSync(at("config.json"), "{ edited }");
    expect(uninstall(home)).toEqual({ removed: [at("openrouter.json5")], kept: [at("config.json")] });
    expect(read("config.json")).toBe("{ edited }");
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

  test("does nothing where nothing was installed, or it was done already", () => {
    expect(uninstall(home)).toEqual({ removed: [], kept: [] });
    run();
    uninstall(home);
    write("config.json", config);
    expect(uninstall(home)).toEqual({ removed: [], kept: [] });
    expect(read("config.json")).toBe(config);
  });

  test("passes over what was removed by hand", () => {
    run();
    rmSync(folder, { recursive: true });
    expect(uninstall(home)).toEqual({ removed: [], kept: [] });
  });

  test("keeps a folder or a link that stands in the place of ours by now", () => {
    run();
    rmSync(at("config.json"));
    rmSync(at("openrouter.json5"));
    mkdirSync(at("config.json"));
    const target = join(scratchFolder(), "target");
    writeFileSync(target, fragment);
    symlinkSync(target, at("openrouter.json5"));
    expect(uninstall(home)).toEqual({ removed: [], kept: names.map(at) });
    expect(readdirSync(folder)).toEqual([...names]);
  });
});

describe("what is ours alone", () => {
  const paths = () => openclawPaths(folder);
  const all = () => [paths().resolver, paths().roleId, paths().secretId];

  test("is placed for its owner alone, the resolver with an absolute interpreter", () => {
    expect(install({ home, folder }).resolver).toBe("placed");
    const modes = [paths().own, ...all()].map((path) => (statSync(path).mode & 0o777).toString(8));
    expect(modes).toEqual(["700", "700", "600", "600"]);
    expect(readFileSync(paths().resolver, "utf8").split("\n")[0]).toBe(`#!${process.execPath}`);
    expect(readFileSync(paths().secretId, "utf8")).toBe("secret-reader\n");
  });

  test("again changes nothing", () => {
    install({ home, folder });
    const before = all().map((path) => statSync(path).ino);
    expect(install({ home, folder }).resolver).toBe("unchanged");
    expect(all().map((path) => statSync(path).ino)).toEqual(before);
  });

  test.each<[string, () => void]>([
    ["edited", () => writeFileSync(paths().resolver, "#!/bin/sh\n")],
    ["open to others", () => chmodSync(paths().secretId, 0o644)],
    ["not executable", () => chmodSync(paths().resolver, 0o600)],
    ["removed", () => rmSync(paths().roleId)],
    ["in an open folder", () => chmodSync(paths().own, 0o755)],
  ])("is put right where it was %s", (_, change) => {
    install({ home, folder });
    const before = all().map((path) => readFileSync(path, "utf8"));
    change();
    expect(install({ home, folder }).resolver).toBe("placed");
    expect(all().map((path) => readFileSync(path, "utf8"))).toEqual(before);
    const modes = [paths().own, ...all()].map((path) => (statSync(path).mode & 0o777).toString(8));
    expect(modes).toEqual(["700", "700", "600", "600"]);
  });

  test("follows the reader's credential", () => {
    install({ home, folder });
    writeCredential(homePaths(home), "reader", { roleId: "role-reader", secretId: "another" });
    placeCredential(home, folder, accountOf());
    expect(readFileSync(paths().secretId, "utf8")).toBe("another\n");
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

  test("is not placed through a link in the place of its folder", () => {
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

  asRoot("belongs to the user who runs OpenClaw where root deploys, and so does all else", () => {
    const place = scratchFolder();
    chmodSync(place, 0o755);
    const theirs = join(place, "home");
    mkdirSync(theirs);
    chownSync(theirs, 65534, 65534);
    folder = join(theirs, ".openclaw");
    install({ home, folder, user: "nobody" });
    for (const path of [folder, paths().own, ...all(), ...names.map(at)]) {
      expect(statSync(path).uid).toBe(65534);
    }
    expect(statSync(homePaths(home).installed).uid).toBe(0);
    uninstall(home);
    expect(readdirSync(theirs)).toEqual([]);
  });

  asRoot("root follows no link of that user's to where the user could not write", () => {
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
