import {
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { publishDeployedFor, removeDeployedFor } from "../../lib/store/deployed-for";
import { selectInstance } from "../../lib/store/select";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { describeAsRoot } from "../support/skip";

const alice = { name: "alice", uid: 4301, gid: 4301, home: "/home/alice" };

/** Environment of a user's commands. @param deployed the user's own instances */
function environmentOf(publicFolder: string, ...deployed: string[]): NodeJS.ProcessEnv {
  const root = scratchFolder();
  for (const name of deployed) beginInstance(join(root, name));
  return { OPENCLAW_OPENROUTER_HOME: root, OPENCLAW_OPENROUTER_PUBLIC: publicFolder };
}

const program = () => "/opt/openclaw-openrouter/scripts/openclaw-openrouter.mjs";

describeAsRoot("a user for whom root deployed", () => {
  const folder = scratchFolder();
  const homes = scratchFolder();
  const before = { ...process.env };

  beforeEach(() => {
    process.env.OPENCLAW_OPENROUTER_PUBLIC = folder;
    process.env.OPENCLAW_OPENROUTER_HOME = homes;
    process.env.OPENCLAW_OPENROUTER_BIN = "/srv/clone/scripts/openclaw-openrouter.mjs";
    publishDeployedFor(join(homes, "default"), alice, program);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.env = { ...before };
  });

  /** What a command of theirs takes. */
  function select(deployed: string[], choice: object, uid = alice.uid, place = folder): string {
    const environment = environmentOf(place, ...deployed);
    jest.spyOn(process, "getuid").mockReturnValue(uid);
    return selectInstance({ keyGiven: false, ...choice }, environment);
  }

  const told = expect.objectContaining({
    exitCode: 4,
    message: expect.stringMatching(
      /was deployed by root, as the instance default[\s\S]*sudo \/opt\/openclaw-openrouter\/scripts\/openclaw-openrouter\.mjs check --instance default/,
    ),
  });

  test.each<[string, string[], object]>([
    ["any command, nothing of their own", [], {}],
    ["any command, their own sandbox", ["sandbox"], {}],
    ["up without a key", [], { begins: true }],
    ["up without a key, their own sandbox", ["sandbox"], { begins: true }],
    ["up with a key", [], { begins: true, keyGiven: true }],
  ])("is told the account and the command: %s", (_, deployed, choice) => {
    expect(() => select(deployed, choice)).toThrow(told);
  });

  test.each<[string, string[], object, string]>([
    ["a named instance", [], { named: "sandbox" }, "sandbox"],
    ["an instance of their own", ["paris"], {}, "paris"],
  ])("may have %s", (_, deployed, choice, expected) => {
    expect(select(deployed, choice)).toBe(expected);
  });

  test("others, and root, are not concerned", () => {
    expect(select([], {}, 4302)).toBe("default");
    expect(select([], { begins: true }, 0)).toBe("sandbox");
  });

  test("what another user wrote, or what is no record, says nothing", () => {
    const forged = scratchFolder();
    const record = { version: 1, instance: "default", uid: alice.uid };
    writeFileSync(join(forged, "a.json"), JSON.stringify(record));
    chownSync(join(forged, "a.json"), 4302, 4302);
    writeFileSync(join(forged, "b.json"), "{");
    writeFileSync(join(forged, "c.json"), JSON.stringify({ ...record, instance: "../x" }));
    symlinkSync(join(folder, "default.json"), join(forged, "d.json"));
    expect(select([], {}, alice.uid, forged)).toBe("default");
    expect(select([], {}, alice.uid, "/nonexistent")).toBe("default");
  });

  test("everybody can read the record, and there is nothing else in it", () => {
    const path = join(folder, "default.json");
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      version: 1,
      instance: "default",
      uid: alice.uid,
      program: "/opt/openclaw-openrouter/scripts/openclaw-openrouter.mjs",
    });
    removeDeployedFor(join(homes, "default"));
    expect(existsSync(folder)).toBe(false);
  });

  test("there is none for who deploys for themselves, nor for a directory that no command knows", () => {
    const place = scratchFolder();
    process.env.OPENCLAW_OPENROUTER_PUBLIC = place;
    publishDeployedFor(join(homes, "default"), { ...alice, uid: 0 }, program);
    publishDeployedFor(join(scratchFolder(), "default"), alice, program);
    expect(readdirSync(place)).toEqual([]);
  });
});
