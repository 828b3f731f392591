import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { startTestEngine } from "../support/engine";
import { describeInFull } from "./support/full";
import { program, TestHost } from "./support/host";

/** Another home on another engine, in a network of its own: nothing of the first host is to be had there. */
describeInFull("a second host, rebuilt from a backup", () => {
  const host = new TestHost();
  const file = join(host.folder, "backup.tar");
  const guide = ["vault", "kv", "get", "-field=api_key", "secret/openrouter"];

  afterAll(() => host.remove());

  test("answers the setup guide's verification command with the same key", async () => {
    await host.mustRun(["up"]);
    const key = host.docker("exec", "openclaw-sandbox-vault", ...guide);
    await host.mustRun(["backup", "create", "--out", file]);

    // A short path: a socket's has a hundred characters at most.
    const folder = join(dirname(host.folder), "second");
    const home = join(folder, "home");
    mkdirSync(home, { recursive: true });
    const engine = await startTestEngine(folder, `${process.env.TEST_NAMESPACE}-second`);
    const env = host.environment({ HOME: home, DOCKER_HOST: engine.environment.TEST_ENGINE });
    const run = (...command: string[]) =>
      execFileSync(engine.namespace[0]!, [...engine.namespace.slice(1), ...command], {
        env,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    try {
      const shares = host.home("sandbox").shares;
      const stdout = run(
        process.execPath,
        program,
        "restore",
        "--from",
        file,
        "--share-file",
        shares,
        "--json",
      );
      expect(JSON.parse(stdout)).toMatchObject({ instance: "sandbox", sameDeclaration: true, before: null });
      expect(run("docker", "exec", "openclaw-sandbox-vault", ...guide).trim()).toBe(key);
      expect(run(process.execPath, program, "up", "--json")).toContain('"changed": false');
    } finally {
      for (const id of run("docker", "ps", "-aq").split("\n").filter(Boolean)) run("docker", "rm", "-f", id);
      await engine.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
