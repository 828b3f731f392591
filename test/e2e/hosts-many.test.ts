import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hostNames } from "../../lib/model/hosts";
import { guideNames, secretApiPath } from "../../lib/model/vault/vault-names";
import { readCredential } from "../../lib/store/credentials";
import { ifRefused, type VaultClient, VaultFailure } from "../../lib/vault/client";
import { logInWith } from "../../lib/vault/log-in";
import { anything } from "../../lib/vault/schemas";
import { describeUnless } from "../support/skip";
import { DeployedHost } from "./support/deployed";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { pathWithout } from "./support/path-without";
import { TestVault } from "./support/vault";

/** How many hosts join. */
const count = Number(process.env.TEST_MANY ?? 0);

jest.setTimeout(1_800_000);

/** Many hosts on one Vault: each reads its own key, nobody another's, and one that is evicted does not disturb the others. */
describeUnless(count > 0 ? undefined : "only in npm run test:many")("many hosts on one Vault", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const names = Array.from({ length: count }, (_, index) => `host-${index + 1}`);
  const keys = new Map(names.map((name) => [name, newKey()]));
  const figures: string[] = [];
  let openrouter: LocalOpenRouter;
  let path = "";

  beforeAll(async () => {
    openrouter = await host.restore(...keys.values());
    path = `${join(host.folder, "bin")}:${pathWithout(host, "docker", "terraform", "tofu", "go")}`;
  });
  afterAll(async () => {
    process.stderr.write(`\n${figures.join("\n")}\n`);
    await openrouter.close();
    host.remove();
  });

  const dataPath = (name: string) => secretApiPath("data", hostNames(guideNames, name).keyPath);

  async function clientOf(name: string): Promise<VaultClient> {
    const home = host.home("default").root.replace(host.userHome, join(host.folder, "others", name));
    const credentials = () => join(home, "credentials/reader");
    const client = await logInWith(vault.client, readCredential({ credentials } as never, "reader")!);
    if (client instanceof VaultFailure) throw client;
    return client;
  }
  const reads = (client: VaultClient, at: string) =>
    client.call({ path: at }, anything).then(
      () => true,
      ifRefused(403, () => false),
    );

  test("all are invited and join", async () => {
    const times: number[] = [];
    for (const name of names) {
      const args = ["host", "invite", name, "--any-address", "--key-stdin"];
      const { stdout } = await host.mustRun(args, {}, keys.get(name));
      const home = join(host.folder, "others", name);
      mkdirSync(home, { recursive: true });
      const environment = { HOME: home, PATH: path, DOCKER_HOST: undefined };
      const begin = performance.now();
      await host.mustRun(["host", "join"], environment, stdout);
      times.push(performance.now() - begin);
    }
    figures.push(`${count} joins: ${spread(times)} s`);
  });

  test("no host reads another's key", async () => {
    const found: string[] = [];
    for (const name of names) {
      const client = await clientOf(name);
      const readable = await Promise.all(names.map((other) => reads(client, dataPath(other))));
      found.push(...names.filter((_, index) => readable[index]).map((other) => `${name} ${other}`));
      if (await reads(client, "secret/data/openrouter")) found.push(`${name} the instance's own`);
    }
    figures.push(`${count * count} paths tried, ${found.length} readable`);
    expect(found).toEqual(names.map((name) => `${name} ${name}`));
  });

  test("one that is evicted while it reads loses its token, and the others read on", async () => {
    const [evicted = "", ...others] = names;
    const client = await clientOf(evicted);
    const running = host.run(["host", "evict", evicted, "--yes"]);
    const begin = performance.now();
    while (await reads(client, dataPath(evicted))) await new Promise(setImmediate);
    figures.push(
      `evicted: its token was dead ${((performance.now() - begin) / 1000).toFixed(1)} s after the command began`,
    );
    expect((await running).code).toBe(0);
    for (const name of others) expect(await reads(await clientOf(name), dataPath(name))).toBe(true);
  });
});

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b).map((time) => (time / 1000).toFixed(1));
  return `median ${sorted[Math.floor(sorted.length / 2)]}, longest ${sorted.at(-1)}`;
}
