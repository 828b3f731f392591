import { existsSync } from "node:fs";
import { readSealStatus } from "../../lib/vault/wait";
import { describeInFull } from "./support/full";
import { TestHost } from "./support/host";
import { Killer, type KillTime } from "./support/killer";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { TransitProvider } from "./support/transit";
import { TestVault } from "./support/vault";

/** SIGKILL at every moment at which migrate-seal changed anything, there and back. */
describeInFull("migrate-seal killed half-way", () => {
  const host = new TestHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const provider = new TransitProvider(host);
  const key = newKey();
  const killer = new Killer(host.folder);
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    await provider.start();
    settings("shamir");
    await host.mustRun(["up"], { OPENROUTER_API_KEY: key });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  function settings(to: "shamir" | "transit"): void {
    const vaultSettings = to === "transit" ? { seal: provider.seal } : {};
    host.writeSettings("default", { vault: vaultSettings, openrouter: { baseUrl: openrouter.baseUrl } });
  }

  const migrate = (time?: KillTime) => host.run(["vault", "migrate-seal"], killer.environment(time));

  async function momentsTo(to: "shamir" | "transit"): Promise<string[]> {
    settings(to);
    expect(await migrate()).toMatchObject({ code: 0 });
    return killer.moments();
  }

  async function killedOnTheWayTo(to: "shamir" | "transit", moments: readonly string[], index: number) {
    settings(to);
    const label = `${to}: ${moments[index]}`;
    expect({ label, code: (await migrate({ at: index + 1 })).code }).toEqual({ label, code: null });
    const next = await host.run(["vault", "migrate-seal"]);
    expect({ label, code: next.code, stderr: next.code === 0 ? "" : next.stderr }).toEqual({
      label,
      code: 0,
      stderr: "",
    });
    expect(await readSealStatus(vault.client)).toMatchObject({ type: to, sealed: false });
    expect({ label, left: existsSync(home.sealMigration) }).toEqual({ label, left: false });
    expect({ label, key: vault.key() }).toEqual({ label, key });
    return `| ${label.padEnd(78)} | finished |`;
  }

  test("the next run ends it, and nothing in Vault is lost", async () => {
    const there = await momentsTo("transit");
    const back = await momentsTo("shamir");
    const rows: string[] = [];
    for (let index = 0; index < Math.max(there.length, back.length); index++) {
      rows.push(await killedOnTheWayTo("transit", there, Math.min(index, there.length - 1)));
      rows.push(await killedOnTheWayTo("shamir", back, Math.min(index, back.length - 1)));
    }
    const { stdout } = await host.mustRun(["up", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: false });
    process.stderr.write(
      `\nmigrate-seal, killed at ${there.length} moments on the way there and ${back.length} back\n| ${"killed right after".padEnd(78)} | next run |\n${rows.join("\n")}\n`,
    );
  }, 3_600_000);
});
