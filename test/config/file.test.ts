import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findSettingsFile, loadSettings, parseSettings } from "../../lib/config/file";
import { settingsSchema } from "../../lib/config/settings";
import { ExitCode } from "../../lib/core/exit-codes";
import { testAsRoot } from "../support/skip";

describe("looking for the file", () => {
  let folder: string;
  let home: string;
  let projectRoot: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "settings-"));
    home = join(folder, "home");
    projectRoot = join(folder, "project");
    mkdirSync(home);
    mkdirSync(projectRoot);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (path: string, port: number) => writeFileSync(path, JSON.stringify({ vault: { port } }));
  const load = (instance = "default", explicitPath?: string) =>
    loadSettings({ instance, home, projectRoot, ...(explicitPath ? { explicitPath } : {}) });

  test("no file, and no home either, gives the defaults", () => {
    rmSync(home, { recursive: true });
    expect(load()).toEqual({ settings: settingsSchema.parse({}) });
  });

  test("an explicit file comes before the home's, and that before the project's", () => {
    const named = join(folder, "mine.jsonc");
    write(named, 1001);
    write(join(home, "openrouter.settings.jsonc"), 1002);
    write(join(projectRoot, "openrouter.settings.json"), 1003);
    expect(load("default", named)).toMatchObject({ file: named, settings: { vault: { port: 1001 } } });
    expect(load()).toMatchObject({ settings: { vault: { port: 1002 } } });
    rmSync(join(home, "openrouter.settings.jsonc"));
    expect(load()).toMatchObject({ settings: { vault: { port: 1003 } } });
  });

  test("the project's file is for the instance `default` alone", () => {
    write(join(projectRoot, "openrouter.settings.json"), 1003);
    expect(load("staging").file).toBeUndefined();
  });

  test("the last deploy's file is taken where no other is found, and only while it exists", () => {
    const [project, last] = [join(projectRoot, "openrouter.settings.json"), join(folder, "last.json")];
    const after = (more = {}) => loadSettings({ instance: "default", home, projectRoot, last, ...more });
    write(project, 1003);
    write(last, 1004);
    expect(after()).toMatchObject({ file: project });
    rmSync(project);
    expect(after()).toMatchObject({ file: last, settings: { vault: { port: 1004 } } });
    expect(after({ instance: "staging" })).toMatchObject({ file: last });
    rmSync(last);
    expect(after().file).toBeUndefined();
  });

  test("two files in one place are refused by name", () => {
    write(join(home, "openrouter.settings.json"), 1);
    writeFileSync(join(home, "openrouter.settings.yml"), "");
    expect(load).toThrow(/got: +openrouter\.settings\.json, openrouter\.settings\.yml\n/);
  });

  test.each([
    ["that is missing", () => join(folder, "none.json"), "no such file"],
    ["that is a folder", () => join(folder, "a.yaml"), "a folder"],
    ["of another syntax", () => join(folder, "a.toml"), "a name that ends in .json, .jsonc, .yaml or .yml"],
  ])("an explicit file %s is an error", (_, path, message) => {
    mkdirSync(join(folder, "a.yaml"));
    writeFileSync(join(folder, "a.toml"), "");
    expect(() => load("default", path())).toThrow(message);
    expect(() => load("default", path())).toThrow(expect.objectContaining({ exitCode: ExitCode.WrongUsage }));
  });

  test("a file of JSON5 is refused, not passed over for the defaults", () => {
    writeFileSync(join(home, "openrouter.settings.json5"), "{ vault: { port: 8210 } }");
    expect(load).toThrow(/got: +\.json5\n.*fix: +Rename it\./s);
  });

  test("a link that leads nowhere is an error, not the defaults", () => {
    symlinkSync("nowhere", join(home, "openrouter.settings.yaml"));
    expect(load).toThrow("no such file");
  });

  testAsRoot(
    "a file of another user is refused wherever it is found, and the way to a copy is reported",
    () => {
      const [named, found] = [join(folder, "mine.json"), join(projectRoot, "openrouter.settings.json")];
      for (const path of [named, found]) {
        write(path, 1001);
        chownSync(path, 65_534, 65_534);
      }
      const refusal = (path: string) =>
        new RegExp(
          `The settings file, ${path}, cannot be trusted.*belongs to uid 65534.*install -m 600 ${path} ${home}/`,
          "s",
        );
      expect(load).toThrow(refusal(found));
      expect(() => findSettingsFile({ instance: "default", home, projectRoot })).toThrow(refusal(found));
      expect(() => load("default", named)).toThrow(refusal(named));
      symlinkSync(named, join(home, "openrouter.settings.json"));
      expect(load).toThrow(/belongs to uid 65534.*chown 0/s);
    },
  );
});

describe("reading", () => {
  test("JSON may hold comments and trailing commas, and says the same as YAML", () => {
    const json = `\uFEFF{ // comment
      /* another */ "$schema": "./openrouter.settings.schema.json", "vault": { "port": 9000, "ui": false, },
      "terraform": { "backend": { "type": "pg", "config": { "schema_name": "{stack}", "list": [1, null] } } },
    }`;
    const yaml = `# comment
$schema: ./openrouter.settings.schema.json
vault:
  port: 9000
  ui: false
terraform: { backend: { type: pg, config: { schema_name: "{stack}", list: [1, null] } } }
`;
    const settings = parseSettings(json, "/s.json", "default");
    expect(settings.vault).toMatchObject({ port: 9000, ui: false, shares: 5 });
    expect(settings.terraform.backend.config).toEqual({ schema_name: "{stack}", list: [1, null] });
    expect(parseSettings(yaml, "/s.yaml", "default")).toEqual(settings);
  });

  test.each(["", "\n", "// nothing but a comment"])("the JSON %j gives the defaults", (text) => {
    expect(parseSettings(text, "/s.json", "default")).toEqual(settingsSchema.parse({}));
  });

  test.each(["", "# nothing but a comment", "---\n"])("the YAML %j gives the defaults", (text) => {
    expect(parseSettings(text, "/s.yaml", "default")).toEqual(settingsSchema.parse({}));
  });
});
