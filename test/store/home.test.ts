import fs, {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { homePaths } from "../../lib/model/home-paths";
import { ensureHome, ensureInstance, homesRoot, instances, readInstance } from "../../lib/store/home";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { testAsRoot } from "../support/skip";

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("lies in the user's home folder, or where the variable says", () => {
  expect(homesRoot({})).toBe(join(homedir(), ".openclaw-openrouter"));
  expect(homesRoot({ OPENCLAW_OPENROUTER_HOME: "" })).toBe(join(homedir(), ".openclaw-openrouter"));
  expect(homesRoot({ OPENCLAW_OPENROUTER_HOME: "/srv/homes/" })).toBe("/srv/homes");
  expect(homesRoot({ OPENCLAW_OPENROUTER_HOME: "homes" })).toBe(join(process.cwd(), "homes"));
});

test("is made for its owner alone, with the folders above it", () => {
  const root = join(scratchFolder(), "homes");
  ensureHome(join(root, "paris"));
  expect([mode(root), mode(join(root, "paris"))]).toEqual(["700", "700"]);
});

test.each([0o755, 0o750, 0o701, 0o720, 0o704])("is refused where others can reach into it (%o)", (others) => {
  const home = scratchFolder();
  chmodSync(home, others);
  expect(() => ensureHome(home)).toThrow(`got:      mode ${others.toString(8)}`);
  expect(() => ensureHome(home)).toThrow(`chmod 700 ${home}`);
  expect(() => ensureHome(home)).toThrow("openclaw-openrouter shares rekey");
});

testAsRoot("is refused where it is another user's", () => {
  const home = scratchFolder();
  chownSync(home, 65534, 65534);
  expect(() => ensureHome(home)).toThrow(
    /belongs to another user[\s\S]*got: +uid 65534[\s\S]*expected: uid 0/,
  );
});

test("is refused where it cannot be a folder", () => {
  const file = join(scratchFolder(), "file");
  writeFileSync(file, "");
  expect(() => ensureHome(join(file, "home"))).toThrow(/cannot be written to[\s\S]*got: +ENOTDIR/);
  expect(() => ensureHome(file)).toThrow(/cannot be written to[\s\S]*got: +EEXIST/);
});

test("on a read-only file system its cause is named, also where folders above it are missing", () => {
  const error = Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" });
  const access = jest.spyOn(fs, "accessSync").mockImplementationOnce(() => {
    throw error;
  });
  expect(() => ensureHome(join(scratchFolder(), "homes/paris"))).toThrow(
    /cannot be written to[\s\S]*got: +EROFS[\s\S]*mounted read-only[\s\S]*OPENCLAW_OPENROUTER_HOME/,
  );
  access.mockRestore();
});

test("a service's account without a home directory is reported before anything is made, wherever the instance is", () => {
  const getuid = jest.spyOn(process, "getuid").mockReturnValue(65534);
  const access = jest.spyOn(fs, "accessSync").mockImplementation((path) => {
    if (path === "/") throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
  });
  // jest's own environment is not the one from which Node takes the home directory.
  process.env.OPENCLAW_OPENROUTER_PUBLIC = "/nonexistent/.local/share/openclaw-openrouter";
  const home = join(scratchFolder(), "homes/paris");
  try {
    expect(() => ensureHome(home)).toThrow(/got: +EACCES for \/;[\s\S]*export HOME=/);
    expect(existsSync(home)).toBe(false);
  } finally {
    delete process.env.OPENCLAW_OPENROUTER_PUBLIC;
    access.mockRestore();
    getuid.mockRestore();
  }
});

test("a link to it counts as what it leads to", () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, "real"), { mode: 0o755 });
  symlinkSync(join(folder, "real"), join(folder, "link"));
  expect(() => ensureHome(join(folder, "link"))).toThrow("mode 755");
});

describe("the instance's record", () => {
  test("is made once: the id stays", () => {
    const home = join(scratchFolder(), "paris");
    const made = ensureInstance(home);
    expect(made.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(ensureInstance(home)).toEqual(made);
    expect(readInstance(home)).toEqual(made);
    expect(mode(homePaths(home).instance)).toBe("600");
  });

  test("is taken from the state where the record alone was lost", () => {
    const home = scratchFolder();
    const state = homePaths(home).state("vault");
    const labels = [{ label: "openclaw-openrouter.instance", value: "63876f78-c4c3-4b36-9ad0-1ec9223fabaf" }];
    const volume = {
      mode: "managed",
      type: "docker_volume",
      name: "data",
      instances: [{ attributes: { labels } }],
    };
    mkdirSync(dirname(state));
    writeFileSync(state, JSON.stringify({ lineage: "a", serial: 1, resources: [volume] }));
    expect(ensureInstance(home).id).toBe(labels[0]?.value);
  });

  test("differs between instances", () => {
    const folder = scratchFolder();
    expect(ensureInstance(join(folder, "a")).id).not.toBe(ensureInstance(join(folder, "b")).id);
  });

  test.each(["", "{", "{}", '{"id":"x","created":"y"}'])(
    "is not re-created over a damaged one (%j)",
    (text) => {
      const home = scratchFolder();
      writeFileSync(homePaths(home).instance, text, { mode: 0o600 });
      expect(() => ensureInstance(home)).toThrow("cannot be read: it is damaged");
      expect(readFileSync(homePaths(home).instance, "utf8")).toBe(text);
    },
  );

  test.each([
    ["1", { id: "2f1c1a52-53a4-4c35-8dd4-f6a4f1a1f6ab", created: "2026-01-01T00:00:00Z" }],
    ["3", { format: 3, anything: "else" }],
  ])("of format %s is refused by that number, and nothing is changed", (format, record) => {
    const home = scratchFolder();
    const text = JSON.stringify(record);
    writeFileSync(homePaths(home).instance, text, { mode: 0o600 });
    for (const read of [readInstance, ensureInstance]) expect(() => read(home)).toThrow(`format ${format}`);
    expect(readFileSync(homePaths(home).instance, "utf8")).toBe(text);
  });

  test("is none in a home that is not there", () => {
    expect(readInstance(join(scratchFolder(), "nowhere"))).toBeUndefined();
  });
});

test("the instances of a host are those of which a deploy began", () => {
  const root = scratchFolder();
  const environment = { OPENCLAW_OPENROUTER_HOME: root };
  expect(instances(environment)).toEqual([]);
  beginInstance(join(root, "paris"));
  beginInstance(join(root, "default"));
  mkdirSync(join(root, "stray"));
  // As synth leaves it, with settings that were written before.
  ensureInstance(join(root, "declared"));
  writeFileSync(join(root, "declared", "openrouter.settings.yaml"), "{}");
  expect(instances(environment).sort()).toEqual(["default", "paris"]);
  expect(instances({ OPENCLAW_OPENROUTER_HOME: join(root, "nowhere") })).toEqual([]);
});
