import { cpSync, existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { TestHost } from "./support/host";

const root = resolve(__dirname, "../..");
/** What the published package holds of what runs. */
const parts = [
  "dist",
  "bundle",
  "lib/openclaw/resolver.cjs",
  "scripts/openclaw-openrouter.mjs",
  "package.json",
];

/** The instance without an account, from nothing to nothing, by a package in a folder that nobody can write to. */
describe("the sandbox, by a package that is installed read-only", () => {
  const host = new TestHost();
  const installed = join(host.folder, "package");
  const program = join(installed, "scripts/openclaw-openrouter.mjs");
  const readOnly = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"`;
  let files: string[];

  beforeAll(() => {
    for (const part of parts) cpSync(join(root, part), join(installed, part), { recursive: true });
    files = readdirSync(installed, { recursive: true }) as string[];
  });
  afterAll(() => {
    expect(readdirSync(installed, { recursive: true })).toEqual(files);
    host.remove();
  });

  async function mustRun(args: readonly string[]) {
    const command = ["--mount", "sh", "-c", readOnly, installed, process.execPath, program];
    const outcome = await host.startCommand("unshare", [...command, ...args]).outcome;
    if (outcome.code !== 0)
      throw new Error(`${args.join(" ")} ended with ${outcome.code}:\n${outcome.stderr}`);
    return outcome;
  }

  const container = "openclaw-sandbox-vault";

  test("deploys a checked Vault", async () => {
    const { stderr } = await mustRun(["up"]);
    expect(stderr).toContain("Instance sandbox is deployed; the check passed.");
  });

  test("the setup guide's own command reads the key, also after a restart and an unseal", async () => {
    const read = () =>
      host.docker("exec", container, "vault", "kv", "get", "-field=api_key", "secret/openrouter");
    const key = read();
    expect(key).toMatch(/^sk-or-v1-[0-9a-f]{64}$/);
    host.docker("restart", container);
    expect(read).toThrow();
    await mustRun(["vault", "unseal"]);
    expect(read()).toBe(key);
  });

  test("a second run changes nothing", async () => {
    const started = host.docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", container);
    const { stdout, stderr } = await mustRun(["up", "--json"]);
    expect(stderr).toContain("nothing changed; the check passed.");
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, instance: "sandbox", changed: false });
    expect(host.docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", container)).toBe(started);
  });

  test("destroy --purge leaves nothing", async () => {
    await mustRun(["destroy", "--yes", "--purge"]);
    expect(host.docker("ps", "-aq")).toBe("");
    expect(host.docker("volume", "ls", "-q")).toBe("");
    expect(existsSync(host.homes)).toBe(false);
    expect(existsSync(`${host.userHome}/.openclaw`)).toBe(false);
  });
});
