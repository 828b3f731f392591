import { chmodSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../lib/core/fingerprint";
import { openclawPaths } from "../../lib/model/openclaw/openclaw-paths";
import { keyFingerprint } from "../../lib/model/openrouter-key";
import { askResolver } from "../../lib/openclaw/ask-resolver";
import { type KeyItem, managementClient } from "../../lib/openrouter/management";
import { readKeyRecord } from "../../lib/store/records/key-record";
import { readPendingCleanups } from "../../lib/store/records/pending-cleanups";
import { rotationRecord } from "../../lib/store/records/rotation-record";
import { isFull, testInFull, triedOf } from "./support/full";
import { type RunOutcome, TestHost } from "./support/host";
import { readJournal } from "./support/journal";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";
import { watch } from "./support/watch";

const rotations = isFull ? 20 : 1;
jest.setTimeout(180_000 + rotations * 10_000);

/** A new key instead of the stored one, on a deployed instance. */
describe("rotation", () => {
  const host = new TestHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const openclaw = join(host.userHome, ".openclaw");
  const [first, second, third, refused] = [newKey(), newKey(), newKey(), newKey()];
  const management = newKey();
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter(first, second, third);
    await openrouter.control.putKey({ key: management, management: true });
    await openrouter.control.putKey({ key: first, name: "agent", limit: 12, limitReset: "monthly" });
    host.writeSettings("default", {
      openrouter: { baseUrl: openrouter.baseUrl },
      rotation: { expireDays: 120 },
    });
    await host.mustRun(["up"], { OPENROUTER_API_KEY: first });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  /** What was said, as if the terminal were wide enough. */
  const oneLine = ({ stderr }: RunOutcome) => stderr.replace(/\s+/g, " ");
  const rotateTo = (key: string, ...args: string[]) =>
    host.run(["key", "rotate", "--key-stdin", "--json", ...args], {}, `${key}\n`);
  const rotateByManager = (...args: string[]) =>
    host.mustRun(["key", "rotate", "--json", ...args], { OPENROUTER_MANAGEMENT_KEY: management });

  async function expectInForce(key: string): Promise<void> {
    expect(existsSync(home.rotation)).toBe(false);
    expect(vault.key()).toBe(key);
    const { stdout } = await host.mustRun(["up", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: false });
    expect(vault.key()).toBe(key);
  }

  const account = () =>
    managementClient({ baseUrl: openrouter.baseUrl, key: management, timeoutSeconds: 10 }).list();
  const itemOf = async (key: string): Promise<KeyItem | undefined> =>
    (await account()).find(({ hash }) => hash === sha256(key));

  test.each([
    ["that OpenRouter refuses", refused, 1, "the new key does not work"],
    ["that is the stored one", first, 64, "is the stored one already"],
    ["that is a management key", management, 1, "a management key, which cannot chat"],
  ])("a key %s is not stored", async (_, key, code, said) => {
    const outcome = await rotateTo(key);
    expect({ code: outcome.code, said: oneLine(outcome) }).toEqual({
      code,
      said: expect.stringContaining(said),
    });
    await expectInForce(first);
  });

  testInFull("nobody to ask and no key at all: wrong usage, and nothing is changed", async () => {
    expect(await host.run(["key", "rotate"])).toMatchObject({ code: 64 });
    await expectInForce(first);
  });

  const rollbacks: [string, string[], string, () => () => void][] = [
    [
      "the reload of the gateway fails",
      ["--reload", "exit 7"],
      "--reload failed. exit code 7",
      () => () => {},
    ],
    [
      "OpenClaw's resolver cannot be run",
      [],
      "resolver does not give the new key",
      () => {
        const { resolver } = openclawPaths(openclaw);
        chmodSync(resolver, 0o600);
        return () => chmodSync(resolver, 0o700);
      },
    ],
  ];
  const tried = triedOf(
    rollbacks,
    (_row, index) => index === 0,
    ([name]) => `it is rolled back where ${name}`,
  );
  test.each(tried)("it is rolled back where %s", async (_, args, said, disturb) => {
    const since = Date.parse(readKeyRecord(home).since!);
    const fix = disturb();
    const outcome = await rotateTo(second, ...args);
    fix();
    expect({ code: outcome.code, said: oneLine(outcome) }).toEqual({
      code: 1,
      said: expect.stringContaining(said),
    });
    expect(JSON.parse(outcome.stdout)).toMatchObject({ result: "undone", key: keyFingerprint(first) });
    await expectInForce(first);
    expect(Date.parse(readKeyRecord(home).since!)).toBeLessThanOrEqual(since);
    expect(readPendingCleanups(home)).toEqual([]);
  });

  testInFull("one that was interrupted is undone where another key was stored by hand since", async () => {
    const before = readKeyRecord(home);
    rotationRecord.write(home, {
      phase: "ready",
      key: second,
      started: new Date().toISOString(),
      old: { sha256: sha256(first) },
      before: { generation: before.generation, version: before.version, since: before.since! },
      graceSeconds: 0,
    });
    await vault.storeKeyByHand(third);
    expect(await host.run(["key", "rotate"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("another key was stored since, by hand"),
    });
    expect(vault.key()).toBe(third);
    await host.mustRun(["up", "--replace-key"], { OPENROUTER_API_KEY: first });
    await expectInForce(first);
  });

  test("a given key takes the place of the stored one", async () => {
    let pendingMode: number | undefined;
    const stop = watch(() => {
      pendingMode ??= statSync(home.rotation, { throwIfNoEntry: false })?.mode;
    });
    const { code, stdout, stderr } = await rotateTo(second, "--reload", "echo the gateway was told");
    stop();
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("the gateway was told"),
    });
    expect((pendingMode ?? 0) & 0o777).toBe(0o600);
    expect(JSON.parse(stdout)).toMatchObject({
      result: "rotated",
      key: keyFingerprint(second),
      pendingCleanups: { left: [{ key: `${first.slice(0, 12)}...${first.slice(-3)}` }] },
    });
    await expectInForce(second);
    expect((await itemOf(first))?.disabled).toBe(false);
  });

  testInFull("the key that was rotated away is refused from then on, by every way of deploying", async () => {
    const stale = { OPENROUTER_API_KEY: first, TF_VAR_openrouter_api_key: first };
    for (const command of ["up", "synth"]) {
      const { code, stderr } = await host.run([command], stale);
      expect({ command, code }).toEqual({ command, code: 1 });
      expect(stderr).toContain("was rotated away");
    }
    expect(await rotateTo(first)).toMatchObject({ code: 1, stderr: expect.stringContaining("rotated away") });
    expect(vault.key()).toBe(second);
  });

  test("a management key makes one like the old one, and disables what was rotated away", async () => {
    await openrouter.control.putKey({ key: second, name: "agent", limit: 12, limitReset: "monthly" });
    await rotateByManager();
    const made = vault.key();
    expect(await itemOf(made)).toMatchObject({ name: "agent", limit: 12, limitReset: "monthly" });
    const answer = await fetch(`${openrouter.baseUrl}/key`, { headers: { authorization: `Bearer ${made}` } });
    const { data } = (await answer.json()) as { data: { expires_at: string } };
    expect((Date.parse(data.expires_at) - Date.now()) / 86_400_000).toBeCloseTo(120, 1);
    for (const old of [first, second]) expect((await itemOf(old))?.disabled).toBe(true);
    await expectInForce(made);
  });

  testInFull(
    "what is disabled is deleted by the next run with a management key, once its time is over",
    async () => {
      const { stdout } = await rotateByManager("--grace", "0");
      const made = vault.key();
      // The two previous keys have a day left, as they were given it.
      expect(JSON.parse(stdout)).toMatchObject({ pendingCleanups: { left: [{}, {}] } });
      expect((await account()).filter(({ disabled }) => !disabled).map(({ hash }) => hash)).toEqual(
        expect.arrayContaining([sha256(made), sha256(third)]),
      );
      expect(await account()).toHaveLength(4);
      await expectInForce(made);
    },
  );

  testInFull("one that is not old enough stays", async () => {
    const before = vault.key();
    const { stdout } = await rotateByManager("--if-older-than", "90d");
    expect(JSON.parse(stdout)).toMatchObject({
      result: "not due",
      why: expect.stringContaining("0 days old"),
    });
    await expectInForce(before);
    await rotateByManager("--if-older-than", "0");
    expect(vault.key()).not.toBe(before);
  });

  test(`readers in a loop during ${rotations} rotations: 0 failures`, async () => {
    let reads = 0;
    const failures: unknown[] = [];
    let isOver = false;
    const loop = async (read: () => Promise<string>) => {
      while (!isOver) {
        try {
          const authorization = `Bearer ${await read()}`;
          const answer = await fetch(`${openrouter.baseUrl}/auth/key`, { headers: { authorization } });
          if (!answer.ok) throw new Error(`OpenRouter answered ${answer.status}`);
          reads += 1;
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const loops = [
      loop(async () => vault.keyAsReader()),
      loop(async () => {
        const answer = await askResolver({ folder: openclaw }, vault.place);
        if ("problem" in answer) throw new Error(answer.problem);
        return answer.key;
      }),
    ];
    const seen = new Set([vault.key()]);
    try {
      for (let count = 0; count < rotations; count++) {
        await rotateByManager("--grace", "0");
        seen.add(vault.key());
      }
    } finally {
      // Otherwise they would keep the process busy, and each file after this one waiting.
      isOver = true;
    }
    await Promise.all(loops);
    expect(failures).toEqual([]);
    expect(seen.size).toBe(rotations + 1);
    process.stderr.write(
      `${rotations} rotations under two readers: ${reads} reads, ${failures.length} failures\n`,
    );
    expect(reads).toBeGreaterThan(rotations * 4);
  });

  test("every run is in the journal, with fingerprints and without a key", () => {
    const lines = readJournal(home);
    const rotated = lines.filter(({ command, result }) => command === "key rotate" && result === "rotated");
    expect(rotated[0]).toMatchObject({ key: keyFingerprint(second), before: keyFingerprint(first) });
    const making = lines.filter(({ result }) => result === "making a key");
    expect(making[0]).toMatchObject({
      command: "key rotate",
      name: expect.stringMatching(/^agent \(rotation .+\)$/),
    });
    expect(
      lines.filter(({ command, result }) => command === "key rotate" && result === "undone"),
    ).toHaveLength(isFull ? 5 : 3);
    expect(JSON.stringify(lines)).not.toContain("sk-or-v1");
  });
});
