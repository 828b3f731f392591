import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleImage } from "../../lib/bundle/image";
import { copySources } from "../../lib/bundle/sources";
import { describeInFull } from "./support/full";
import { program, TestHost } from "./support/host";
import { outside } from "./support/package";
import { pathWithout } from "./support/path-without";

/** One folder is all that a host without a network gets: made outside of the tests' network namespace, used within. */
describeInFull("a host without any network, with an imported bundle", () => {
  const host = new TestHost();
  const bundle = join(host.folder, "bundle");
  const clone = join(host.folder, "clone");
  const environment = () =>
    host.environment({
      // Nothing that was installed before, and nothing that could install it.
      PATH: pathWithout(host, "terraform", "tofu", "go", "apt-get", "dpkg-deb", "curl"),
      OPENCLAW_OPENROUTER_CACHE: join(host.folder, "cache"),
    });

  function runIn(folder: string, command: string, ...args: string[]): string {
    const [shell, script] = ["sh", '"$@" 2>&1'];
    return execFileSync(shell, ["-c", script, shell, command, ...args], {
      cwd: folder,
      env: environment(),
      encoding: "utf8",
    });
  }

  beforeAll(() => {
    const made = execFileSync(
      "nsenter",
      [...outside(), process.execPath, program, "bundle", "--out", bundle, "--json"],
      { env: { ...process.env, ...host.environment() }, encoding: "utf8", stdio: "pipe" },
    );
    const { folder, checksum } = JSON.parse(made);
    expect(folder).toBe(bundle);
    expect(execFileSync("sha256sum", [join(bundle, "SHA256SUMS")], { encoding: "utf8" })).toContain(checksum);
  }, 240_000);
  afterAll(() => host.remove());

  test("no way leads out", () => {
    expect(execFileSync("ip", ["route", "show", "default"], { encoding: "utf8" })).toBe("");
  });

  test("the folder is checked by everybody's own means", () => {
    execFileSync("sha256sum", ["-c", "--quiet", "SHA256SUMS"], { cwd: bundle });
    expect(readFileSync(join(bundle, "README.txt"), "utf8")).toContain("npm start -- --bundle");
  });

  test("a fresh clone installs, deploys and checks", () => {
    copySources(resolve(__dirname, "../.."), clone);
    for (const tag of host.docker("image", "ls", "-q", bundleImage).split("\n").filter(Boolean))
      host.docker("image", "rm", "-f", tag);
    const said = runIn(clone, "npm", "start", "--", "--bundle", bundle);
    expect(said).toContain(`Installing npm packages from ${bundle}`);
    expect(said).toMatch(/OpenTofu 1\.\d+\.\d+, providers from the bundle/);
    expect(said).toContain("Instance sandbox is deployed; the check passed.");
  });

  test("afterwards the carried folder is needed no more", () => {
    renameSync(bundle, `${bundle}-elsewhere`);
    try {
      expect(runIn(clone, "npm", "start")).toContain("nothing changed; the check passed.");
      expect(runIn(clone, process.execPath, "scripts/openclaw-openrouter.mjs", "drift")).toContain(
        "No drift",
      );
    } finally {
      renameSync(`${bundle}-elsewhere`, bundle);
    }
  });

  test("the program's own package installs from it, and runs without a clone", () => {
    const empty = join(host.folder, "empty");
    mkdirSync(empty);
    const { npm } = JSON.parse(readFileSync(join(bundle, "bundle.json"), "utf8"));
    runIn(empty, "npm", "install", "--offline", "--cache", join(bundle, "npm"), join(bundle, npm.program));
    expect(runIn(empty, "npx", "--offline", "openclaw-openrouter", "up", "--bundle", bundle)).toContain(
      "nothing changed; the check passed.",
    );
  });
});
