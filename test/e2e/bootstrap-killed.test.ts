import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EngineApi } from "../../lib/docker/engine-api";
import { containerNames } from "../../lib/model/deployment";
import {
  type BootstrapParameters,
  type PrepareContainerParameters,
  parametersVariable,
  stepParameters,
} from "../../lib/model/run-parameters";
import { instanceTlsFiles } from "../../lib/model/vault/vault-tls";
import { ensureInstance } from "../../lib/store/home";
import type { BootstrapStep } from "../../lib/vault/bootstrap";
import { prepareContainer } from "../../lib/vault/container/prepare-container";
import { readShares } from "../../lib/vault/shares/shares-file";
import { readSealStatus } from "../../lib/vault/wait";
import type { BootstrapOrder } from "./support/bootstrap-child";
import { compileSupport } from "./support/compile";
import { isFull, triedOf } from "./support/full";
import { lockedBy, type RunOutcome, TestHost, until } from "./support/host";
import { TestVault } from "./support/vault";

/** Every step, and whether Vault had given out its shares for good by then. */
const steps: Record<BootstrapStep, { readonly sharesStored: boolean }> = {
  answering: { sharesStored: false },
  "pending recorded": { sharesStored: false },
  "init answered": { sharesStored: false },
  "shares stored": { sharesStored: true },
  "pending removed": { sharesStored: true },
  unsealed: { sharesStored: true },
  "root at hand": { sharesStored: true },
  "identities written": { sharesStored: true },
  "token helper written": { sharesStored: true },
  "resolver's credential written": { sharesStored: true },
  "root revoked": { sharesStored: true },
};
const sample: BootstrapStep[] = ["init answered", "identities written"];

describe("bootstrap killed at a step", () => {
  const tried = triedOf(
    Object.keys(steps) as BootstrapStep[],
    (step) => sample.includes(step),
    (step) => `${step}: the next run ends it, and nothing is lost`,
  );
  const host = new TestHost();
  const api = new EngineApi(host.engine.replace("unix://", ""));
  let child: string;
  const container = "openclaw-sandbox-vault";
  const volumes = [`${container}-data`, `${container}-home`];
  const anything = z.unknown();
  let declared: BootstrapParameters;
  let made: object;
  /** What the container needs before it starts. */
  let around: PrepareContainerParameters;

  /** A whole deploy first: what it made is made again for each step, from nothing. */
  beforeAll(async () => {
    await host.mustRun(["up"]);
    declared = declaredParameters(join(host.home("sandbox").cdktfOut, "stacks/vault/cdk.tf.json"));
    const [found] = JSON.parse(host.docker("inspect", container));
    made = { ...found.Config, HostConfig: found.HostConfig };
    const { root, tls } = host.home("sandbox");
    around = {
      home: root,
      instanceId: ensureInstance(root).id,
      container,
      ...containerNames(container),
      image: found.Image,
      port: 18200,
      tls: instanceTlsFiles(tls),
    };
    child = compileSupport("bootstrap-child", host.folder);
  });
  afterAll(() => host.remove());

  async function makeContainer(): Promise<void> {
    host.docker("rm", "-f", container);
    host.docker("volume", "rm", ...volumes);
    await prepareContainer(around, api, () => {});
    await api.call("POST", `/containers/create?name=${container}`, { body: made });
    await api.startContainer(container);
  }

  function bootstrapOf(instance: string) {
    const parameters = { ...declared, home: host.home(instance).root };
    const port = Number(new URL(parameters.address).port);
    // The certificate that the container serves is the sandbox's.
    const vault = new TestVault(host, instance, container, port, parameters.caFile);
    const run = (killAt?: BootstrapStep): Promise<RunOutcome> => {
      const order: BootstrapOrder = { parameters, socket: api.socket, ...(killAt ? { killAt } : {}) };
      return host.startNode([child], { TEST_BOOTSTRAP: JSON.stringify(order) }).outcome;
    };
    return { parameters, vault, run, home: host.home(instance) };
  }

  async function expectWorking({ vault, home }: ReturnType<typeof bootstrapOf>): Promise<void> {
    for (const identity of ["deployer", "reader", "auditor"] as const) await vault.as(identity);
    expect(await vault.tokenPolicies()).not.toContainEqual(expect.arrayContaining(["root"]));
    expect(readShares(home.shares)).toMatchObject({ shares: expect.any(Array), generation: 1 });
    expect(readShares(home.shares)).not.toHaveProperty("rootToken");
    expect(() => readFileSync(home.initPending)).toThrow("ENOENT");
  }

  const serverLog = () =>
    spawnSync("docker", ["logs", container], { env: host.environment(), encoding: "utf8" }).stderr;
  const dataFiles = () => host.docker("exec", container, "ls", "/vault/file").split("\n");

  test.each(tried)("%s: the next run ends it, and nothing is lost", async (step) => {
    const bootstrap = bootstrapOf(`killed-at-${step.replaceAll(" ", "-")}`);
    const { run, home } = bootstrap;
    await makeContainer();
    const killed = await run(step);
    expect(killed).toMatchObject({ code: null });
    const shares = readShares(home.shares)?.shares;
    expect(shares !== undefined).toBe(steps[step].sharesStored);

    const ended = await run();
    expect(ended).toMatchObject({ code: 0 });
    await expectWorking(bootstrap);
    if (shares) expect(readShares(home.shares)?.shares).toEqual(shares);
    // Only a Vault that nobody can open any more is put aside, and it is kept.
    const aside = dataFiles().filter((name) => name.startsWith("set-aside-"));
    expect(aside).toHaveLength(step === "init answered" ? 1 : 0);

    // And it stays so: a third run finds nothing to do.
    const before = readFileSync(home.shares);
    expect(await run()).toMatchObject({ code: 0 });
    expect(readFileSync(home.shares)).toEqual(before);
  });

  test("Vault killed while it is initialized: it says that it is not, and the next run ends it", async () => {
    const bootstrap = bootstrapOf("vault-killed");
    await makeContainer();
    await bootstrap.run("pending recorded");
    const { client } = bootstrap.vault;
    const body = { secret_shares: 5, secret_threshold: 3 };
    const answer = client.call({ method: "PUT", path: "sys/init", body }, anything);
    const lost = expect(answer).rejects.toThrow();
    await until(() => serverLog().includes("entering follower state"), "the first state of Vault's storage");
    host.docker("kill", container);
    await lost;
    host.docker("start", container);
    expect(await bootstrap.run()).toMatchObject({ code: 0 });
    await expectWorking(bootstrap);
    expect(dataFiles().filter((name) => name.startsWith("set-aside-"))).toHaveLength(1);
  });

  test("a used Vault whose shares are missing is a stop, and its data stays", async () => {
    const bootstrap = bootstrapOf("shares-missing");
    const { run, home, vault } = bootstrap;
    await makeContainer();
    expect(await run()).toMatchObject({ code: 0 });
    await vault.asRoot(async (root) => {
      await root.call({ method: "POST", path: "secret/data/theirs", body: { data: { a: 1 } } }, anything);
    });
    await until(() => dataFiles().includes("vault.db"), "Vault's data");
    const kept = join(host.folder, "shares.json");
    renameSync(home.shares, kept);
    host.docker("restart", container);

    const stopped = await run();
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain("its unseal key shares are not on this host");
    expect(dataFiles().filter((name) => name.startsWith("set-aside-"))).toEqual([]);
    expect(() => readFileSync(home.shares)).toThrow("ENOENT");

    renameSync(kept, home.shares);
    expect(await run()).toMatchObject({ code: 0 });
    await expectWorking(bootstrap);
    await vault.asRoot((root) => root.call({ path: "secret/data/theirs" }, anything));
  });

  test("shares beside an empty Vault are a stop, and are never overwritten", async () => {
    const { run, home } = bootstrapOf("empty-vault");
    await makeContainer();
    expect(await run()).toMatchObject({ code: 0 });
    const shares = readFileSync(home.shares);
    await makeContainer();
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toContain("is empty, but this instance has the shares");
    expect(readFileSync(home.shares)).toEqual(shares);
  });

  test("of two at once one stops, naming the other", async () => {
    const { parameters, home } = bootstrapOf("two-at-once");
    await makeContainer();
    // The first one waits for Vault to answer.
    host.pause(container);
    const environment = { [parametersVariable]: JSON.stringify(parameters) };
    const first = host.start(["bootstrap"], environment);
    await until(() => lockedBy(home.lock) === first.pid, "the first one's lock");
    const second = await host.run(["bootstrap"], environment);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`pid ${first.pid}`);
    host.docker("unpause", container);
    expect(await first.outcome).toMatchObject({ code: 0 });
    rmSync(home.root, { recursive: true });
  });

  test.each(isFull ? [0, 1, 2] : [0])(
    "a disk with room for %i blocks only: Vault is not initialized before there is more",
    async (blocks) => {
      const bootstrap = bootstrapOf(`disk-full-${blocks}`);
      const { run, home } = bootstrap;
      await makeContainer();
      mkdirSync(home.root, { mode: 0o700 });
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k,mode=0700", "tmpfs", home.root]);
      try {
        const filler = join(home.root, "filler");
        writeFileSync(filler, Buffer.alloc(128 * 1024 - blocks * 4096));
        const stopped = await run();
        expect(stopped.code).toBe(1);
        expect(stopped.stderr).toContain("The disk is full");
        expect(await readSealStatus(bootstrap.vault.client)).toMatchObject({ initialized: false });
        expect(() => readFileSync(home.shares)).toThrow("ENOENT");

        execFileSync("mount", ["-o", "remount,size=1m", home.root]);
        expect(await run()).toMatchObject({ code: 0 });
        await expectWorking(bootstrap);
        expect(dataFiles().filter((name) => name.startsWith("set-aside-"))).toEqual([]);
      } finally {
        execFileSync("umount", [home.root]);
      }
    },
  );
});

/** What the construct VaultBootstrap hands to its step. */
function declaredParameters(file: string): BootstrapParameters {
  const environment = z.object({
    "local-exec": z.object({ environment: z.object({ [parametersVariable]: z.string() }) }),
  });
  const shape = z.object({
    resource: z.object({
      terraform_data: z.record(z.string(), z.object({ provisioner: z.tuple([environment]) })),
    }),
  });
  const { resource } = shape.parse(JSON.parse(readFileSync(file, "utf8")));
  const [step] = Object.values(resource.terraform_data);
  return stepParameters.bootstrap.parse(
    JSON.parse(step?.provisioner[0]["local-exec"].environment[parametersVariable] ?? "{}"),
  );
}
