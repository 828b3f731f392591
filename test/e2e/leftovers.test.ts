import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleImage } from "../../lib/bundle/image";
import { ephemeralLabel } from "../../lib/docker/ephemeral";
import { describeInFull } from "./support/full";
import { TestHost, until } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { killTree } from "./support/processes";

/** What is on a host; docs/what-it-deploys.md has the same list. */
const deployed = {
  containers: ["vault"],
  volumes: ["vault-data", "vault-home", "vault-socket"],
  networks: ["vault-network"],
  images: [bundleImage],
  temporary: [],
  home: [".openclaw", ".openclaw-openrouter", "installed", "public"],
  processes: [],
};
const withBackups = { ...deployed, home: [...deployed.home, ".openclaw-openrouter-backups"].sort() };
const nothing = { containers: [], volumes: [], networks: [], images: [], temporary: [], processes: [] };

describeInFull("what each command leaves on the host", () => {
  const host = new TestHost();
  // Short: sockets lie below it.
  const temporary = join(tmpdir(), `left-${process.pid}`);
  const [key, other] = [newKey(), newKey()];
  let openrouter: LocalOpenRouter;
  let imagesBefore: string[];

  beforeAll(async () => {
    mkdirSync(temporary);
    openrouter = await localOpenRouter(key, other);
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
    imagesBefore = images();
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
    rmSync(temporary, { recursive: true, force: true });
  });

  const lines = (...args: string[]) =>
    host
      .docker(...args)
      .split("\n")
      .filter(Boolean)
      .sort();
  const images = () => lines("images", "--format", "{{.Repository}}:{{.Tag}}");

  function left() {
    return {
      containers: lines("ps", "-a", "--format", "{{.Names}}"),
      volumes: lines("volume", "ls", "-q"),
      networks: lines("network", "ls", "--filter", "type=custom", "--format", "{{.Name}}"),
      images: images().filter((each) => each === bundleImage || !imagesBefore.includes(each)),
      temporary: readdirSync(temporary),
      home: readdirSync(host.userHome).sort(),
      processes: processesOf(host.userHome),
    };
  }

  const run = (args: readonly string[], extra: NodeJS.ProcessEnv = {}, input = "") =>
    host.mustRun(args, { TMPDIR: temporary, ...extra }, input);
  const newestBackup = () => {
    const folder = join(host.userHome, ".openclaw-openrouter-backups/default");
    return join(
      folder,
      readdirSync(folder)
        .filter((name) => name.endsWith(".tar"))
        .sort()
        .at(-1) ?? "",
    );
  };

  const commands: [string, () => string[], object, string][] = [
    ["up", () => ["up"], deployed, ""],
    ["check", () => ["check"], deployed, ""],
    ["drift", () => ["drift"], deployed, ""],
    ["key rotate", () => ["key", "rotate", "--key-stdin"], deployed, `${other}\n`],
    ["backup create", () => ["backup", "create"], withBackups, ""],
    ["backup verify", () => ["backup", "verify", newestBackup()], withBackups, ""],
    ["rebuild", () => ["rebuild", "--yes"], withBackups, ""],
    ["restore", () => ["restore", "--from", newestBackup(), "--yes"], withBackups, ""],
  ];
  test.each(commands)("%s", async (_, args, expected, input) => {
    await run(args(), { OPENROUTER_API_KEY: args()[0] === "up" ? key : "" }, input);
    expect(left()).toEqual(expected);
  });

  test("a rebuild that was killed, after the next run", async () => {
    const rebuilding = host.start(["rebuild", "--yes"], { TMPDIR: temporary });
    await until(
      () => host.docker("ps", "-q", "--filter", `label=${ephemeralLabel}`) !== "" && rebuilding.pid,
      "an ephemeral container",
    );
    killTree(rebuilding.pid);
    await rebuilding.outcome;
    expect(left().temporary).not.toEqual([]);
    await run(["rebuild", "--yes"]);
    expect(left()).toEqual(withBackups);
  });

  test("destroy keeps Vault's data; with --purge the backups and the program alone stay", async () => {
    await run(["destroy", "--yes"]);
    expect(left()).toMatchObject({ ...nothing, volumes: deployed.volumes, images: deployed.images });
    await run(["up"]);
    expect(left()).toEqual(withBackups);
    await run(["destroy", "--purge", "--yes"]);
    expect(left()).toEqual({ ...nothing, home: [".openclaw-openrouter-backups", "installed"] });
  });
});

/** The command lines of the processes that run with a home directory, containers aside. */
function processesOf(home: string): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const isOf = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`HOME=${home}`);
      return isOf ? [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")] : [];
    } catch {
      // It ended, or is none.
      return [];
    }
  });
}
