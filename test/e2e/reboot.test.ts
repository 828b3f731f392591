import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { askResolver } from "../../lib/openclaw/ask-resolver";
import type { VaultClient } from "../../lib/vault/client";
import { DeployedHost, deployedKey } from "./support/deployed";
import { killEngine } from "./support/engine";
import { testInFull, triedOf } from "./support/full";
import { until } from "./support/host";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";

const anything = z.unknown();

/** What a host does after its engine, or it itself, went down. */
describe("an engine that is killed under writes", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const script = join(home.root, "scheduled-unseal.sh");
  const [key, next] = [deployedKey, newKey()];
  /** What Vault acknowledged, by path: the last number. */
  const acknowledged = new Map<string, number>();
  let openrouter: LocalOpenRouter;
  let cronLine = "";

  beforeAll(async () => {
    openrouter = await host.restore(next);
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const resolver = () => askResolver({ folder: join(host.userHome, ".openclaw") }, vault.place);

  /** Writes one number after the other, until Vault is gone. */
  async function writeUntilGone(operator: VaultClient, path: string): Promise<void> {
    for (let number = 1; ; number++) {
      try {
        const body = { data: { number } };
        await operator.call({ method: "POST", path: `secret/data/${path}`, body }, anything);
        acknowledged.set(path, number);
      } catch {
        return;
      }
    }
  }

  test("schedule add unseal prints a cron line where systemd does not run", async () => {
    const { stderr } = await host.mustRun(["schedule", "add", "unseal"]);
    cronLine = /^@reboot .*$/m.exec(stderr)?.[0] ?? "";
    expect(cronLine).toMatch(
      /^@reboot \/bin\/sh .*scheduled-unseal\.sh # openclaw-openrouter: unseal default$/,
    );
    expect(statSync(script).mode & 0o777).toBe(0o600);
  });

  test("nothing that Vault acknowledged is lost, and the resolver works again without a hand", async () => {
    const { stdout: token } = await host.mustRun(["vault", "login", "--ttl", "10m"]);
    const operator = vault.client.withToken(token.trim());
    const writers = [1, 2, 3, 4].map((number) => writeUntilGone(operator, `writer-${number}`));
    await until(() => acknowledged.size === 4 && Math.min(...acknowledged.values()) > 20, "writes");
    const restart = await killEngine(host);
    try {
      // The engine is gone, and its container runs on by itself until the engine comes back.
      expect((await host.run(["up"])).code).toBe(1);
    } finally {
      await restart();
    }
    await Promise.all(writers);
    // Docker 20.10 stops a container that ran on without it, and leaves it so; newer ones start it again, sealed.
    expect(await resolver()).toHaveProperty("problem");

    // As cron does.
    execFileSync("/bin/sh", ["-c", cronLine.replace("@reboot ", "")], { env: host.environment() });
    expect(await resolver()).toEqual({ key });
    expect(vault.key()).toBe(key);
    for (const [path, number] of acknowledged) {
      const shape = z.object({ data: z.object({ data: z.object({ number: z.int() }) }) });
      const { data } = await operator.call({ path: `secret/data/${path}` }, shape);
      // A write that was on its way may have come to be as well.
      expect([number, number + 1]).toContain(data.data.number);
    }
    const sum = [...acknowledged.values()].reduce((all, each) => all + each);
    process.stderr.write(`engine killed under 4 writers: ${sum} acknowledged writes, 0 lost\n`);
  });

  const commands: [string, string[], string][] = [
    ["key rotate", ["key", "rotate", "--key-stdin"], next],
    ["up", ["up", "--json"], ""],
    ["check", ["check", "--json"], ""],
  ];

  const tried = triedOf(
    commands,
    (_command, index) => index === 0,
    ([name]) => `${name} unseals by itself first`,
  );
  test.each(tried)("%s unseals by itself first", async (_, args, input) => {
    host.docker("restart", "vault");
    await host.mustRun(args, {}, input);
    expect(await resolver()).toHaveProperty("key");
  });

  test("it takes the engine and the shares alone: no Terraform on cron's PATH, no providers, no bundle", async () => {
    host.docker("restart", "vault");
    const empty = { PATH: "/usr/bin:/bin", OPENCLAW_OPENROUTER_CACHE: join(host.folder, "empty") };
    const { stderr } = await host.mustRun(["vault", "unseal"], empty);
    expect(stderr).toContain("Vault: unsealed");
    expect(existsSync(join(host.folder, "empty"))).toBe(false);
  });

  testInFull(
    "an engine whose id was made again, or whose data folder moved, is known by the labelled volume",
    async () => {
      const record = JSON.parse(readFileSync(home.host, "utf8"));
      writeFileSync(home.host, JSON.stringify({ ...record, engineId: "ANOTHER /mnt/old" }));
      host.docker("restart", "vault");
      await host.mustRun(["vault", "unseal"]);
      expect(JSON.parse(readFileSync(home.host, "utf8"))).toEqual(record);
    },
  );

  test("destroy takes the installed line's script away", async () => {
    await host.mustRun(["destroy", "--yes"]);
    expect(existsSync(script)).toBe(false);
  });
});
