import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program, TestHost } from "./support/host";

/** A host without a Docker Engine, on which nobody can be asked. Its apt-get notes how it is called, and installs nothing. */
const host = new TestHost();
afterAll(() => host.remove());

const bin = join(host.folder, "fake");
const called = join(host.folder, "called");

beforeAll(() => {
  mkdirSync(bin);
  writeFileSync(
    join(bin, "apt-get"),
    `#!/bin/sh\necho "$@" >> "${called}"\necho "no mirror answers" >&2\nexit 100\n`,
  );
  chmodSync(join(bin, "apt-get"), 0o755);
  host.writeSettings("default", {});
});
beforeEach(() => rmSync(called, { force: true }));

/** Hides the engine of this machine, its program and whatever listens below /run, and puts that apt-get in the real one's place. */
const hidden = `
mount -t tmpfs tmpfs /run
mount --bind "$APT_GET" "$(command -v apt-get)"
for place in /usr/local/sbin /usr/sbin /usr/local/bin /usr/bin; do
  if [ -e $place/dockerd ]; then mount --bind /dev/null $place/dockerd; fi
done
exec "$@"
`;

function run(args: readonly string[], extra: NodeJS.ProcessEnv = {}) {
  const command = ["--mount", "sh", "-ec", hidden, "sh", process.execPath, program, ...args];
  const { status, stderr } = spawnSync("unshare", command, {
    cwd: host.folder,
    env: host.environment({ DOCKER_HOST: "", APT_GET: join(bin, "apt-get"), ...extra }),
    encoding: "utf8",
    input: "",
    timeout: 60_000,
  });
  return { code: status, stderr, installs: existsSync(called) ? readFileSync(called, "utf8") : "" };
}

test.each<[string, NodeJS.ProcessEnv]>([
  ["in CI", { CI: "true" }],
  ["wherever nobody can be asked", {}],
])("up installs the engine %s, which it says before", (_, extra) => {
  const { code, stderr, installs } = run(["up", "-i", "sandbox"], extra);
  expect(installs).toMatch(/^update\ninstall .*docker\.io\n$/);
  expect(stderr).toMatch(/! .*Install Debian's docker.io .* Nobody can be asked here, so this is done/);
  expect(stderr).toContain("no mirror answers");
  expect(code).toBe(1);
});

test.each([["up"], ["deploy"]])("%s --no-install installs nothing, and says how", (command) => {
  const { code, stderr, installs } = run([command, "-i", "sandbox", "--no-install"], { CI: "true" });
  expect(installs).toBe("");
  expect(stderr).toContain("sudo apt-get update && sudo apt-get install -y docker.io");
  expect(code).toBe(1);
});

test.each(["vault login", "vault unseal", "vault renew-identities", "drift --fix --yes", "backup create"])(
  "%s, of an instance that was deployed, never installs one by itself",
  (command) => {
    const { instance, terraform } = host.home("default");
    mkdirSync(terraform, { recursive: true });
    const id = { format: 2, id: "2f1c1a52-53a4-4c35-8dd4-f6a4f1a1f6ab", created: "2026-11-23T12:00:00.000Z" };
    writeFileSync(instance, JSON.stringify(id));
    const { code, stderr, installs } = run([...command.split(" "), "-i", "default"], { CI: "true" });
    expect(stderr).toContain("There is no Docker Engine on this host");
    expect(installs).toBe("");
    expect(code).not.toBe(0);
  },
);
