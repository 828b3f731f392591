import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { kitImage } from "../../lib/host/image";
import { copySources } from "../../lib/host/sources";
import { testInFull } from "./support/full";
import { program, TestHost } from "./support/host";
import { outside } from "./support/package";
import { pathWithout } from "./support/path-without";

/** One folder is all that a host without a network gets: made outside of the tests' network namespace, used within. */
describe("a host without any network, with a carried kit", () => {
  const host = new TestHost();
  const kit = join(host.folder, "kit");
  const clone = join(host.folder, "clone");
  const environment = () =>
    host.environment({
      // Nothing that was obtained before, and nothing that could obtain it.
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
      [...outside(), process.execPath, program, "bundle", "--out", kit, "--json"],
      { env: { ...process.env, ...host.environment() }, encoding: "utf8", stdio: "pipe" },
    );
    const { folder, checksum } = JSON.parse(made);
    expect(folder).toBe(kit);
    expect(execFileSync("sha256sum", [join(kit, "SHA256SUMS")], { encoding: "utf8" })).toContain(checksum);
  }, 240_000);
  afterAll(() => host.remove());

  test("no way leads out", () => {
    expect(execFileSync("ip", ["route", "show", "default"], { encoding: "utf8" })).toBe("");
  });

  test("the folder is checked by everybody's own means", () => {
    execFileSync("sha256sum", ["-c", "--quiet", "SHA256SUMS"], { cwd: kit });
    expect(readFileSync(join(kit, "README.txt"), "utf8")).toContain("npm start -- --bundle");
  });

  test("a fresh clone installs, deploys and checks", () => {
    copySources(resolve(__dirname, "../.."), clone);
    for (const tag of host.docker("image", "ls", "-q", kitImage).split("\n").filter(Boolean))
      host.docker("image", "rm", "-f", tag);
    const said = runIn(clone, "npm", "start", "--", "--bundle", kit);
    expect(said).toContain(`Installing npm packages from ${kit}`);
    expect(said).toMatch(/OpenTofu 1\.\d+\.\d+, providers from the kit/);
    expect(said).toContain("Instance sandbox is deployed; the check passed.");
  });

  test("afterwards the carried folder is needed no more", () => {
    renameSync(kit, `${kit}-elsewhere`);
    try {
      expect(runIn(clone, "npm", "start")).toContain("nothing changed; the check passed.");
      expect(runIn(clone, process.execPath, "scripts/openclaw-openrouter.mjs", "drift")).toContain(
        "No drift",
      );
    } finally {
      renameSync(`${kit}-elsewhere`, kit);
    }
  });

  testInFull("the program's own package installs from it, and runs without a clone", () => {
    const empty = join(host.folder, "empty");
    mkdirSync(empty);
    const { npm } = JSON.parse(readFileSync(join(kit, "kit.json"), "utf8"));
    runIn(empty, "npm", "install", "--offline", "--cache", join(kit, "npm"), join(kit, npm.program));
    expect(runIn(empty, "npx", "--offline", "openclaw-openrouter", "up", "--bundle", kit)).toContain(
      "nothing changed; the check passed.",
    );
  });
});
