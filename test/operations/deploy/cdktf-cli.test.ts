import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installCdktfCli } from "../../../lib/operations/deploy/cdktf-cli";
import { script } from "../../host/support";
import { scratchFolder } from "../../support/folder";

let root: string;
jest.mock("../../../lib/core/system/package-root", () => ({ packageRoot: () => root }));

/** A token of a private registry, as a project's `.npmrc` holds it. */
const token = "npm_a-token-of-somebodys-registry";

let cache: string;
const environment = { ...process.env };

beforeEach(() => {
  const folder = scratchFolder();
  root = join(folder, "project");
  cache = join(folder, "cache");
  mkdirSync(root);
  writeFileSync(join(root, ".npmrc"), `//npm.corp.example/:_authToken=${token}\n`, { mode: 0o600 });
  Object.assign(process.env, { OPENCLAW_OPENROUTER_CACHE: cache, SEEN: join(folder, "seen") });
});
afterEach(() => {
  process.env = { ...environment };
});

/** Puts an npm first that reads its configuration, as npm does, and then ends. */
function npm(rest: string): void {
  const bin = join(cache, "../bin");
  // The program runs the npm that is beside its Node, if there is one: its folder is put first.
  script(join(bin, "npm"), `cat .npmrc > "$SEEN" || exit 1\nls -l .npmrc >> "$SEEN"\n${rest}`);
  process.env.PATH = `${bin}:${process.env.PATH}`;
  Object.defineProperty(process, "execPath", { value: join(bin, "node"), configurable: true });
}
const { execPath } = process;
afterEach(() => Object.defineProperty(process, "execPath", { value: execPath, configurable: true }));

/** Every file below the cache that holds the token, or is a link to where it is. */
function traces(): string[] {
  if (!existsSync(cache)) return [];
  return readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .filter((entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      return entry.isSymbolicLink() || readFileSync(path, "utf8").includes(token);
    })
    .map(({ name }) => name);
}

test("npm reads the project's .npmrc, by a link, and neither it nor a copy stays in the cache", async () => {
  npm("mkdir -p node_modules/cdktf-cli");
  const { script: cdktf } = await installCdktfCli(() => {});
  const seen = readFileSync(process.env.SEEN!, "utf8");
  expect(seen).toContain(token);
  expect(seen).toContain(`.npmrc -> ${join(root, ".npmrc")}`);
  expect(cdktf.startsWith(cache)).toBe(true);
  expect(existsSync(join(cache, "cdktf-cli-0.21.0/node_modules/cdktf-cli"))).toBe(true);
  expect(traces()).toEqual([]);
  expect(readFileSync(join(root, ".npmrc"), "utf8")).toContain(token);
});

test("nor after npm failed, whose last words are reported", async () => {
  npm("echo E401 for the registry >&2; exit 1");
  await expect(installCdktfCli(() => {})).rejects.toThrow(/E401 for the registry/);
  expect(traces()).toEqual([]);
  expect(existsSync(join(cache, "cdktf-cli-0.21.0"))).toBe(false);
  expect(readFileSync(join(root, ".npmrc"), "utf8")).toContain(token);
});

test("nor after npm replaced the link by a file", async () => {
  npm("cp .npmrc copy && rm .npmrc && mv copy .npmrc; mkdir -p node_modules");
  await installCdktfCli(() => {});
  expect(traces()).toEqual([]);
});

test("without one npm has none", async () => {
  rmSync(join(root, ".npmrc"));
  npm("");
  await expect(installCdktfCli(() => {})).rejects.toThrow("cdktf-cli could not be installed");
});
