import { existsSync } from "node:fs";
import { TestHost } from "./support/host";

/** The instance without an account, from nothing to nothing. */
describe("npm start without a key", () => {
  const host = new TestHost();
  afterAll(() => host.remove());

  const container = "openclaw-sandbox-vault";

  test("deploys a checked Vault", async () => {
    const { stderr } = await host.mustRun(["up"]);
    expect(stderr).toContain("Instance sandbox is deployed; the check passed.");
  });

  test("the setup guide's own command reads the key, also after a restart and an unseal", async () => {
    const read = () =>
      host.docker("exec", container, "vault", "kv", "get", "-field=api_key", "secret/openrouter");
    const key = read();
    expect(key).toMatch(/^sk-or-v1-[0-9a-f]{64}$/);
    host.docker("restart", container);
    expect(read).toThrow();
    await host.mustRun(["vault", "unseal"]);
    expect(read()).toBe(key);
  });

  test("a second run changes nothing", async () => {
    const started = host.docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", container);
    const { stdout, stderr } = await host.mustRun(["up", "--json"]);
    expect(stderr).toContain("nothing changed; the check passed.");
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, instance: "sandbox", changed: false });
    expect(host.docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", container)).toBe(started);
  });

  test("destroy --purge leaves nothing", async () => {
    await host.mustRun(["destroy", "--yes", "--purge"]);
    expect(host.docker("ps", "-aq")).toBe("");
    expect(host.docker("volume", "ls", "-q")).toBe("");
    expect(existsSync(host.homes)).toBe(false);
    expect(existsSync(`${host.userHome}/.openclaw`)).toBe(false);
  });
});
