import { managementClient } from "../../lib/openrouter/management";
import { VaultFailure } from "../../lib/vault/client";
import { logInWith } from "../../lib/vault/log-in";
import { DeployedHost } from "./support/deployed";
import { describeInFull } from "./support/full";
import { Killer } from "./support/killer";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { OtherHosts } from "./support/other-hosts";
import { TestVault } from "./support/vault";

jest.setTimeout(1_800_000);

/** SIGKILL at every moment at which a command on a host changes anything: the next run ends it, and nobody keeps what they must not. */
describeInFull("commands on a host, killed half-way", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const others = new OtherHosts(host);
  const killer = new Killer(host.folder);
  const management = newKey();
  const environment = { OPENROUTER_MANAGEMENT_KEY: management };
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
    await openrouter.control.putKey({ key: management, management: true });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const invitation = ["--any-address", "--limit-eur", "10"];
  const invite = async (name: string, ...more: string[]) =>
    (await host.mustRun(["host", "invite", name, ...invitation, ...more], environment)).stdout;
  const evict = (name: string) => host.mustRun(["host", "evict", name, "--yes", "--purge"], environment);
  /** The keys of a host that work at OpenRouter. */
  async function livingKeys(name: string): Promise<number> {
    const client = managementClient({ baseUrl: openrouter.baseUrl, key: management, timeoutSeconds: 10 });
    return (await client.list()).filter((key) => key.name.includes(`host ${name}`) && !key.disabled).length;
  }
  const known = async () =>
    JSON.parse((await host.mustRun(["host", "list", "--json"])).stdout).hosts.map(
      ({ name }: { name: string }) => name,
    );

  /** Runs a command to its end once, then for each of its moments what is given. */
  async function atEach(
    prepare: (name: string) => Promise<readonly string[]>,
    after: (name: string, moment: string) => Promise<void>,
    run: (
      name: string,
      args: readonly string[],
      more: Record<string, string>,
    ) => Promise<{ code: number | null }>,
  ): Promise<void> {
    const whole = await run("whole", await prepare("whole"), killer.environment());
    expect(whole).toMatchObject({ code: 0 });
    const moments = killer.moments();
    expect(moments.length).toBeGreaterThan(2);
    for (const [index, moment] of moments.entries()) {
      const name = `killed-${index + 1}`;
      const killed = await run(name, await prepare(name), killer.environment({ at: index + 1 }));
      expect([moment, killed.code]).toEqual([moment, null]);
      await after(name, moment);
    }
  }
  const here = (_: string, args: readonly string[], more: Record<string, string>) =>
    host.run(args, { ...environment, ...more });

  test("invite: the next one gives an invitation, by which the host joins with the only key of its own", async () => {
    await atEach(
      async (name) => ["host", "invite", name, ...invitation],
      async (name, moment) => {
        const again = (await known()).includes(name) ? ["--again"] : [];
        await others.mustRun(name, ["host", "join"], await invite(name, ...again));
        expect([moment, await livingKeys(name)]).toEqual([moment, 1]);
        await evict(name);
        expect([moment, await livingKeys(name)]).toEqual([moment, 0]);
      },
      here,
    );
    await evict("whole");
    expect((await host.run(["drift"])).code).toBe(0);
  });

  test("evict: the next one leaves the host nothing", async () => {
    await atEach(
      async (name) => {
        await others.mustRun(name, ["host", "join"], await invite(name));
        return ["host", "evict", name, "--yes", "--purge"];
      },
      async (name, moment) => {
        if ((await known()).includes(name)) await evict(name);
        expect(await logInWith(vault.client, others.credentialOf(name)!)).toBeInstanceOf(VaultFailure);
        expect([moment, await livingKeys(name)]).toEqual([moment, 0]);
      },
      here,
    );
    expect(await known()).toEqual([]);
    expect((await host.run(["drift"])).code).toBe(0);
  });

  test("join: the next one ends it, or says that the invitation was used", async () => {
    const given = new Map<string, string>();
    await atEach(
      async (name) => {
        given.set(name, await invite(name));
        return ["host", "join"];
      },
      async (name, moment) => {
        const word = given.get(name) ?? "";
        const next = await others.run(name, ["host", "join"], word);
        if (next.code !== 0) {
          expect([moment, next.stderr]).toEqual([moment, expect.stringContaining("was used before")]);
          await others.mustRun(name, ["host", "join"], await invite(name, "--again"));
        }
        expect([moment, (await others.run(name, ["check"])).code]).toEqual([moment, 0]);
        await evict(name);
      },
      (name, args, more) => {
        const own = { ...others.environmentOf(name), ...more };
        return host.run(args, own, given.get(name));
      },
    );
    await evict("whole");
    expect((await host.run(["drift"])).code).toBe(0);
  });
});
