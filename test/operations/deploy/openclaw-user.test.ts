import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeJson } from "../../../lib/core/files/files";
import { isGateway } from "../../../lib/host/gateway-processes";
import type { OpenClawUser } from "../../../lib/openclaw/find-users";
import { chooseOpenClawUser } from "../../../lib/operations/deploy/openclaw-user";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";
import { describeAsRoot } from "../../support/skip";

const user = (name: string, uid = 1000): OpenClawUser => ({
  account: { name, uid, gid: uid, home: `/home/${name}` },
  signs: [`has /home/${name}/.openclaw/openclaw.json`],
});
const [alice, bob, root] = [user("alice"), user("bob", 1001), user("root", 0)];

interface Circumstances {
  readonly found?: readonly OpenClawUser[];
  /** By question; undefined: nobody can be asked. */
  readonly answers?: Readonly<Record<string, boolean>> | undefined;
  readonly settings?: object;
  readonly instance?: string;
  /** Text of the settings file, and its ending. */
  readonly file?: readonly [string, string];
  readonly installed?: boolean;
  /** Who called sudo. */
  readonly caller?: string;
}

async function choose({
  found = [alice],
  answers,
  settings,
  instance,
  file,
  installed,
  caller,
}: Circumstances) {
  const home = join(scratchFolder(), "default");
  mkdirSync(home, { mode: 0o700 });
  const deployment = describeInstance(settings, { home, ...(instance ? { instance } : {}) });
  const path = file && join(home, `openrouter.settings.${file[0]}`);
  if (path) writeFileSync(path, file[1], { mode: 0o640 });
  if (installed)
    writeJson(deployment.home.installed, {
      folder: "/root/.openclaw",
      node: "/node",
      madeFolder: true,
      files: {},
    });
  const asked: string[] = [];
  const said: string[] = [];
  const confirm = async (question: string, byDefault: boolean) => {
    asked.push(question);
    const answer = Object.entries(answers ?? {}).find(([name]) => question.includes(`for ${name}`));
    return answer?.[1] ?? byDefault;
  };
  const isChanged = await chooseOpenClawUser({
    deployment: { ...deployment, ...(path === undefined ? {} : { settingsFile: path }) },
    confirm: answers && confirm,
    say: (line) => said.push(line),
    find: () => [...found],
    caller: () => caller,
  });
  const written = path ?? join(home, "openrouter.settings.json");
  return { isChanged, asked, said, text: isChanged ? readFileSync(written, "utf8") : undefined, written };
}

describeAsRoot("for whom root deploys", () => {
  test.each<[string, Circumstances]>([
    ["nobody else seems to run OpenClaw", { found: [] }],
    ["root alone runs it", { found: [root] }],
    ["the sandbox", { instance: "sandbox" }],
    ["openclaw.user is set", { settings: { openclaw: { user: "bob" } } }],
    ["it was decided before", { installed: true }],
  ])("%s: nothing is asked", async (_, circumstances) => {
    // Nor is it an error without a terminal.
    expect((await choose(circumstances)).isChanged).toBe(false);
    expect((await choose({ ...circumstances, answers: {} })).asked).toEqual([]);
  });

  test("by sudo, and nobody seems to run it: it is said that the files are root's", async () => {
    const { isChanged, said } = await choose({ found: [], caller: "alice" });
    expect(isChanged).toBe(false);
    expect(said).toEqual([expect.stringMatching(/If alice is to run OpenClaw, set `openclaw\.user`/)]);
    expect((await choose({ found: [root] })).said).toEqual([]);
  });

  test("one: Enter is a yes, and makes the settings file", async () => {
    const { asked, text, said, written } = await choose({ answers: {} });
    expect(asked).toEqual(["Deploy for alice?"]);
    expect(text).toBe('{ "openclaw": { "user": "alice" } }\n');
    expect(statSync(written).mode & 0o777).toBe(0o600);
    expect(said).toEqual([
      "Another user may run OpenClaw here:",
      "  alice, who has /home/alice/.openclaw/openclaw.json",
      `openclaw.user is alice now, in ${written}.`,
    ]);
  });

  test("one: a no is for root, and writes nothing", async () => {
    expect((await choose({ answers: { alice: false } })).isChanged).toBe(false);
  });

  test("the user's own file keeps its syntax, comments and mode", async () => {
    const yaml = "# mine\nvault:\n  port: 8210\n";
    const { text, written } = await choose({ answers: {}, file: ["yaml", yaml] });
    expect(text).toBe(`${yaml}openclaw:\n  user: alice\n`);
    expect(statSync(written).mode & 0o777).toBe(0o640);
    const jsonc = await choose({ answers: {}, file: ["jsonc", "{ // mine\n}\n"] });
    expect(jsonc.text).toBe('{ "openclaw": { "user": "alice" } // mine\n}\n');
  });

  test("several: each is shown, and none is chosen by Enter", async () => {
    const found = [alice, bob];
    const { asked, text } = await choose({ found, answers: { bob: true } });
    expect(asked).toEqual(["Deploy for alice?", "Deploy for bob?"]);
    expect(text).toBe('{ "openclaw": { "user": "bob" } }\n');
    await expect(choose({ found, answers: {} })).rejects.toMatchObject({
      exitCode: 64,
      message: expect.stringContaining("none was chosen"),
    });
  });

  test.each<[string, readonly [string, string] | undefined, string[]]>([
    ["no file", undefined, ['{ "openclaw": { "user": "alice" } }', '{ "openclaw": { "user": "root" } }']],
    ["JSON", ["json", "{}"], ['"openclaw": { "user": "alice" },']],
    ["YAML", ["yml", ""], ["openclaw: { user: alice }", "openclaw: { user: root }"]],
  ])("without a terminal it stops with the lines to add: %s", async (_, file, lines) => {
    const error = await choose(file ? { file } : {}).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ exitCode: 64 });
    for (const line of lines) expect((error as Error).message).toContain(line);
  });

  test("a file that only a person should edit stays, and is named with the line", async () => {
    await expect(
      choose({ answers: {}, file: ["yaml", "{ vault: { port: 8210 } }\n"] }),
    ).rejects.toMatchObject({
      exitCode: 64,
      message: expect.stringContaining("only a person should edit"),
    });
  });

  test("a link of the user's stays one", async () => {
    const folder = scratchFolder();
    const [file, link] = [join(folder, "mine.yaml"), join(folder, "openrouter.settings.yaml")];
    writeFileSync(file, "# mine\n");
    symlinkSync(file, link);
    const options = { find: () => [alice], confirm: async () => true, say: () => {} };
    const deployment = { ...describeInstance({}, { home: folder }), settingsFile: link };
    await chooseOpenClawUser({ deployment, ...options });
    expect(readFileSync(file, "utf8")).toBe("# mine\nopenclaw:\n  user: alice\n");
  });
});

test.each<[string[], boolean]>([
  [["openclaw-gateway"], true],
  [["node", "/usr/lib/node_modules/openclaw/dist/index.js", "gateway", "--port", "18789"], true],
  [["/usr/bin/node", "/home/a/.npm-global/bin/openclaw", "gateway", "run"], true],
  [["openclaw.mjs", "gateway"], true],
  [["node", "/opt/openclaw-openrouter/scripts/openclaw-openrouter.mjs", "check"], false],
  [["openclaw", "agent", "--message", "hello"], false],
  [["vi", "gateway"], false],
  [["gateway", "/x/openclaw/y"], false],
  [[""], false],
])("%j is a gateway: %s", (words, expected) => {
  expect(isGateway(words)).toBe(expected);
});
