import { rmSync } from "node:fs";
import { keyVersion } from "../../lib/model/openrouter-key";
import type { ConnectParameters } from "../../lib/model/run-parameters";
import { externalVaultIdentities, identityNames } from "../../lib/model/vault/identities";
import { guideNames } from "../../lib/model/vault/vault-names";
import { logIn } from "../../lib/vault/log-in";
import { compileSupport } from "./support/compile";
import type { ExternalVaultOrder, KillMoment } from "./support/external-vault-child";
import { isFull, testInFull } from "./support/full";
import { GuideVault } from "./support/guide-vault";
import { TestHost } from "./support/host";
import { newKey } from "./support/openrouter";

interface Outcome {
  readonly task: string;
  readonly killed: string;
  readonly "goes on": boolean;
  readonly lost: number;
}

/** What is done in an external Vault, killed at each of its calls: the next run ends it, and nothing is lost. */
describe("an external Vault, and a run that is killed at a call to it", () => {
  const host = new TestHost();
  const vault = new GuideVault(host);
  let child: string;
  const home = host.home("default");
  const parameters: ConnectParameters = { home: home.root, address: vault.address, external: guideNames };
  const fields = { note: "ask Ada", limit: 30 };
  const table: Outcome[] = [];
  let before: Record<string, unknown>;

  beforeAll(async () => {
    child = compileSupport("external-vault-child", host.folder);
    await vault.start();
    vault.asRoot(["secrets", "enable", "-path=secret", "kv-v2"]);
    vault.asRoot(["kv", "put", "secret/github", "token=theirs"]);
    vault.asRoot(["kv", "put", "secret/openrouter", "-"], JSON.stringify({ api_key: newKey(), ...fields }));
    // AppRole is there once it was needed: it is not taken away again.
    await mustRun(order("connect"));
    await mustRun(order("disconnect"));
    before = await others();
  });
  afterAll(() => {
    if (isFull) console.table(table);
    host.remove();
  });

  const order = (task: "connect" | "disconnect"): ExternalVaultOrder => ({
    task,
    parameters,
    token: vault.rootToken,
  });
  const run = (what: ExternalVaultOrder) =>
    host.startNode([child], { TEST_ORDER: JSON.stringify(what) }).outcome;
  async function mustRun(what: ExternalVaultOrder): Promise<number> {
    const { code, stdout, stderr } = await run(what);
    if (code !== 0) throw new Error(stderr);
    return Number(stdout);
  }
  async function runKilled(what: ExternalVaultOrder, call: number, moment: KillMoment): Promise<void> {
    expect(await run({ ...what, killAt: { call, moment } })).toMatchObject({ code: null });
  }

  /** All but our own roles, policies and secret. */
  async function others(): Promise<Record<string, unknown>> {
    const held = Object.entries(await vault.everything());
    return Object.fromEntries(held.filter(([path]) => !/\/(openclaw-[a-z]+|openrouter)$/.test(path)));
  }
  async function ours(): Promise<string[]> {
    return Object.keys(await vault.everything()).filter((path) => /\/openclaw-[a-z]+$/.test(path));
  }

  async function expectConnected(): Promise<void> {
    for (const name of identityNames) {
      expect(await logIn(vault.client, home, name)).toBeDefined();
      const { role } = externalVaultIdentities(guideNames)[name];
      const secretIds = await vault.read(`auth/approle/role/${role}/secret-id`, "LIST");
      // None is left behind by the run that was killed.
      expect(secretIds).toMatchObject({ keys: [expect.any(String)] });
    }
    expect(await ours()).toHaveLength(6);
    expect(await others()).toEqual(before);
  }

  async function eachCall(calls: number, sample: readonly number[], work: Attempt): Promise<void> {
    const tried = isFull ? Array.from({ length: calls }, (_, index) => index + 1) : sample;
    for (const call of tried) {
      for (const moment of ["before", "after"] as const) await work(call, moment);
    }
  }
  type Attempt = (call: number, moment: KillMoment) => Promise<void>;
  const note = (task: string, call: number, calls: number, moment: KillMoment) =>
    table.push({ task, killed: `${moment} call ${call} of ${calls}`, "goes on": true, lost: 0 });

  testInFull("taking it up", async () => {
    const calls = await mustRun(order("connect"));
    await mustRun(order("disconnect"));
    await eachCall(calls, [Math.floor(calls / 2), calls - 4], async (call, moment) => {
      await runKilled(order("connect"), call, moment);
      await mustRun(order("connect"));
      await expectConnected();
      await mustRun(order("disconnect"));
      note("take up", call, calls, moment);
    });
  });

  testInFull("writing lost credentials again", async () => {
    const lose = () => rmSync(home.credentials("reader"), { recursive: true, force: true });
    await mustRun(order("connect"));
    lose();
    const calls = await mustRun(order("connect"));
    await eachCall(calls, [calls - 1], async (call, moment) => {
      lose();
      await runKilled(order("connect"), call, moment);
      await mustRun(order("connect"));
      await expectConnected();
      note("write again", call, calls, moment);
    });
    await mustRun(order("disconnect"));
  });

  testInFull("leaving it", async () => {
    await mustRun(order("connect"));
    const calls = await mustRun(order("disconnect"));
    await eachCall(calls, [calls - 1], async (call, moment) => {
      await mustRun(order("connect"));
      await runKilled(order("disconnect"), call, moment);
      await mustRun(order("disconnect"));
      expect(await ours()).toEqual([]);
      expect(await others()).toEqual(before);
      note("leave", call, calls, moment);
    });
  });

  testInFull("storing the key in it", async () => {
    await mustRun(order("connect"));
    const store = (key: string): ExternalVaultOrder => ({
      task: "store-key",
      parameters: { ...parameters, keyGeneration: 0, keyVersion: keyVersion(key, 0) },
      key,
    });
    const calls = await mustRun(store(newKey()));
    await eachCall(calls, [calls], async (call, moment) => {
      const key = newKey();
      await runKilled(store(key), call, moment);
      await mustRun(store(key));
      const { data, metadata } = (await vault.read("secret/data/openrouter")) as Version;
      expect(data).toEqual({ api_key: key, ...fields });
      // Whichever run wrote it, it was written once.
      await mustRun(store(key));
      expect(await vault.read("secret/data/openrouter")).toMatchObject({ metadata });
      note("store key", call, calls, moment);
    });
  });
});

interface Version {
  readonly data: Record<string, unknown>;
  readonly metadata: object;
}
