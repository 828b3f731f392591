import { testInFull } from "./support/full";
import { TestHost } from "./support/host";
import { pathWithout } from "./support/path-without";

describe("a host without Terraform", () => {
  const host = new TestHost();
  const container = "openclaw-sandbox-vault";
  const environment = { PATH: pathWithout(host, "terraform", "tofu") };
  afterAll(() => host.remove());

  test("up uses the bundle's OpenTofu", async () => {
    const { stderr } = await host.mustRun(["up"], environment);
    expect(stderr).toMatch(/OpenTofu 1\.\d+\.\d+/);
    expect(stderr).toContain("Instance sandbox is deployed; the check passed.");
    expect(
      host.docker("exec", container, "vault", "kv", "get", "-field=api_key", "secret/openrouter"),
    ).toMatch(/^sk-or-v1-/);
  });

  test("a second up changes nothing", async () => {
    const started = host.docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", container);
    const { stderr } = await host.mustRun(["up"], environment);
    expect(stderr).toContain("nothing changed; the check passed.");
    expect(host.docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", container)).toBe(started);
  });

  testInFull(
    "the CDKTF CLI changes nothing either, by the same OpenTofu and without a registry",
    async () => {
      for (const _ of ["first", "second"])
        expect((await host.mustRun(["deploy"], environment)).stderr).toContain("nothing changed");
    },
  );

  test("destroy takes the container and keeps the data", async () => {
    await host.mustRun(["destroy", "--yes"], environment);
    expect(host.docker("ps", "-aq")).toBe("");
    expect(host.docker("volume", "ls", "-q")).not.toBe("");
  });
});
