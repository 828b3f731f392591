import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homePaths } from "../../lib/model/home-paths";
import { describeSettingsFile } from "../../lib/operations/deploy/settings-place";
import { loadDeployment, loadForDeploy } from "../../lib/session/load-deployment";
import { deployedSettings, keepStates, recordSettingsFile } from "../../lib/session/record-deployment";
import { requireLastSettings } from "../../lib/session/requirements";
import { scratchFolder } from "../support/folder";

const before = { vault: { image: "vault:1" }, budget: { alertEur: 5 }, openclaw: {}, gone: true };
const declared = { vault: { image: "vault:2" }, budget: { alertEur: 9 }, openclaw: {} };

describe("the settings that a run records as deployed", () => {
  test("are all that are declared, if it deployed everything", () => {
    expect(deployedSettings(declared, before)).toEqual(declared);
  });

  test("are the declared ones of the part that it deployed, and else what was deployed before", () => {
    expect(deployedSettings(declared, before, (part) => part === "budget")).toEqual({
      ...before,
      budget: { alertEur: 9 },
    });
    expect(deployedSettings(declared, before, (part) => part !== "vault")).toEqual({
      ...declared,
      vault: { image: "vault:1" },
    });
  });

  test("are the declared ones where none were recorded, and none of which nothing is known", () => {
    expect(deployedSettings(declared, undefined, () => false)).toEqual(declared);
    expect(deployedSettings({ ...declared, state: {} }, before, () => false)).toEqual(before);
  });
});

describe("the settings file of the last deploy", () => {
  const folder = scratchFolder();
  const mine = join(folder, "mine.json");
  const own = join(folder, "homes", "paris", "openrouter.settings.json");
  const homes = process.env.OPENCLAW_OPENROUTER_HOME;
  const write = (path: string, port: number) => writeFileSync(path, JSON.stringify({ vault: { port } }));
  const port = () => loadForDeploy("paris").settings.vault.port;

  beforeAll(() => {
    process.env.OPENCLAW_OPENROUTER_HOME = join(folder, "homes");
    write(mine, 9001);
    recordSettingsFile(loadForDeploy("paris", mine));
  });
  afterAll(() => {
    if (homes === undefined) delete process.env.OPENCLAW_OPENROUTER_HOME;
    else process.env.OPENCLAW_OPENROUTER_HOME = homes;
  });

  test("is that of the next one, unless another is named", () => {
    expect(port()).toBe(9001);
    const other = join(folder, "other.json");
    write(other, 9002);
    const named = loadForDeploy("paris", other);
    expect(named).toMatchObject({ settingsFile: other, settings: { vault: { port: 9002 } } });
    expect(describeSettingsFile(named)).toEqual([`Settings: ${other}; the last deploy used ${mine}.`]);
    expect(describeSettingsFile(loadDeployment("paris"))).toEqual([]);
  });

  test("is missed by a deploy, which would take back every setting, and by nothing else", () => {
    rmSync(mine);
    const deployment = loadDeployment("paris");
    expect(() => requireLastSettings(deployment)).toThrow(
      expect.objectContaining({ exitCode: 64, message: expect.stringContaining(mine) }),
    );
    expect(() => requireLastSettings({ ...deployment, settingsFile: own })).not.toThrow();
  });

  test("is forgotten for one in the instance directory", () => {
    write(own, 9003);
    expect(port()).toBe(9003);
    recordSettingsFile(loadForDeploy("paris"));
    rmSync(own);
    expect(() => requireLastSettings(loadDeployment("paris"))).not.toThrow();
  });
});

test("the copy of a state is replaced, so that a kill leaves the previous one whole", () => {
  const home = homePaths(scratchFolder());
  mkdirSync(home.terraform);
  writeFileSync(home.state("vault"), "one");
  keepStates(home);
  const previous = join(home.root, "previous");
  linkSync(home.deployedState("vault"), previous);
  writeFileSync(home.state("vault"), "two");
  keepStates(home);
  expect([previous, home.deployedState("vault")].map((path) => readFileSync(path, "utf8"))).toEqual([
    "one",
    "two",
  ]);
  expect(() => readFileSync(home.deployedState("openrouter"))).toThrow("ENOENT");
});
