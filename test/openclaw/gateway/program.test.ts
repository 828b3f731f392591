import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { accountOf } from "../../../lib/core/system/os-user";
import { findGatewayProgram } from "../../../lib/openclaw/gateway/program";
import { scratchFolder } from "../../support/folder";

const home = scratchFolder();
const account = { ...accountOf(), home };

function write(path: string, text: string, mode = 0o700): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}
/** A program that tells a version, as Node does. */
const node = (path: string, version: string) => write(join(home, path), `#!/bin/sh\necho ${version}\n`);
/** OpenClaw's package below a prefix, with the link to its script. @returns the script */
function openclaw(prefix: string, engines = ">=24.16.0 <25 || >=26.1.0"): string {
  const folder = join(home, prefix, "lib/node_modules/openclaw");
  write(
    join(folder, "package.json"),
    JSON.stringify({ name: "openclaw", version: "2026.9.6", engines: { node: engines } }),
  );
  const script = write(join(folder, "openclaw.mjs"), "#!/usr/bin/env node\n");
  mkdirSync(join(home, prefix, "bin"), { recursive: true });
  symlinkSync("../lib/node_modules/openclaw/openclaw.mjs", join(home, prefix, "bin/openclaw"));
  return script;
}
const find = (options: Partial<Parameters<typeof findGatewayProgram>[0]> = {}) =>
  findGatewayProgram({
    account,
    declared: undefined,
    nodes: [],
    instances: [],
    path: join(home, ".npm-global/bin"),
    ...options,
  });

const old = node("old/node", "v20.20.2");
const fit = node(".nvm/versions/node/v24.21.0/bin/node", "v24.21.0");
node(".nvm/versions/node/v25.9.0/bin/node", "v25.9.0");
const script = openclaw(".npm-global");
const version = { version: "2026.9.6" };

test("found on the PATH, on a Node that its engines accept", () => {
  expect(find({ nodes: [old] })).toEqual({ path: fit, args: [script], ...version });
});

test("the settings' Node comes first if OpenClaw accepts it", () => {
  const other = node("other/node", "v26.2.0");
  expect(find({ nodes: [other] })).toMatchObject({ path: other, args: [script] });
});

test("the one that a gateway runs comes before others", () => {
  const service = openclaw("service");
  const args = [fit, service, "gateway"];
  const location = { config: join(home, ".openclaw/openclaw.json"), state: join(home, ".openclaw") };
  const instances = [{ name: "the service x", location, args, keyFiles: [] }];
  expect(find({ instances })).toMatchObject({ args: [service] });
});

test.each<[string, Partial<Parameters<typeof find>[0]>, RegExp]>([
  [
    "no Node that it accepts",
    { declared: openclaw("newer", ">=99") },
    /no Node that OpenClaw accepts \(>=99\)/,
  ],
  ["no such program", { declared: "/no/openclaw" }, /^\/no\/openclaw is not there for /],
])("%s", (_, options, problem) => {
  expect(find(options)).toEqual({ problem: expect.stringMatching(problem) });
});

test("a program of another kind runs by the name under which it was found", () => {
  const shim = write(join(home, "shims/openclaw"), "#!/bin/sh\n");
  expect(find({ path: dirname(shim) })).toEqual({ path: shim, args: [] });
});

test("Nodes that answer late are asked within the time for all of them", () => {
  const asked = ["one", "two", "three"].map((name) =>
    write(join(home, `late/${name}`), `#!/bin/sh\ntouch "$0.asked"\necho v1.0.0\n`),
  );
  let now = Date.now();
  const clock = jest.spyOn(Date, "now").mockImplementation(() => (now += 8000));
  try {
    expect(find({ nodes: asked })).toEqual({
      problem: "no Node that OpenClaw accepts was found within 20 s",
    });
  } finally {
    clock.mockRestore();
  }
  expect(asked.map((path) => existsSync(`${path}.asked`))).toEqual([true, true, false]);
});
