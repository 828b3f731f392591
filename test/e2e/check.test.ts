import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { CheckId } from "../../lib/config/check-ids";
import type { CheckReport } from "../../lib/report/check-report";
import { readShares } from "../../lib/vault/shares/shares-file";
import { DeployedHost, deployedKey } from "./support/deployed";
import { testInFull, triedOf } from "./support/full";
import type { LocalOpenRouter } from "./support/openrouter";
import { TestVault } from "./support/vault";

const anything = z.unknown();

/** What the check says of a real Vault that is not as it was deployed, and that its own fix fixes it. */
describe("the check on a real Vault", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const key = deployedKey;
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  /** Runs it as a person does. The key is in none of its outputs. */
  async function check(...args: string[]) {
    const { code, stdout, stderr } = await host.run(["check", "--json", "--no-spend", ...args]);
    expect(stdout + stderr).not.toContain(key.slice(9));
    const { results } = JSON.parse(stdout) as CheckReport;
    const of = (id: CheckId) => results.find((result) => result.id === id);
    return { code, results, of };
  }

  async function expectAllWell(): Promise<void> {
    const { code, results } = await check();
    const problems = results.filter(({ status }) => status === "fail" || status === "warn");
    // As long as nobody took them off, and root runs OpenClaw.
    expect(problems.map(({ id }) => id)).toEqual(["vault.shares", "openclaw.user"]);
    expect(code).toBe(0);
  }

  const asRoot = (method: "POST" | "PUT" | "DELETE", path: string, body?: object) =>
    vault.asRoot((root) => root.call({ method, path, ...(body ? { body } : {}) }, anything));

  test("as it was deployed", () => expectAllWell());

  describe("sealed", () => {
    beforeEach(() => {
      host.docker("restart", "vault");
    });

    test("it fails with --no-unseal, names the fix, and leaves it sealed", async () => {
      const { code, of } = await check("--no-unseal");
      expect(of("vault.reachable")?.status).toBe("pass");
      expect(of("vault.unsealed")).toMatchObject({
        status: "fail",
        summary: expect.stringContaining("Vault is sealed"),
        fix: "openclaw-openrouter vault unseal",
      });
      for (const id of ["vault.identities", "secret.present", "docker.exec", "key.valid"] as const)
        expect(of(id)).toMatchObject({ status: "skip", summary: "needs vault.unsealed, which failed" });
      expect(code).toBe(1);
      expect((await check("--no-unseal")).of("vault.unsealed")?.status).toBe("fail");
      await host.mustRun(["vault", "unseal"]);
      await expectAllWell();
    });

    test("it unseals it, and warns", async () => {
      const { code, of } = await check();
      expect(of("vault.unsealed")).toMatchObject({
        status: "warn",
        summary: expect.stringMatching(/was sealed; it was unsealed now/),
      });
      expect(code).toBe(0);
      await expectAllWell();
    });
  });

  describe.each([
    ["stopped", () => host.docker("stop", "vault"), "exited"],
    ["paused", () => host.pause("vault"), "paused"],
  ])("its container %s", (_name, change, state) => {
    test("it fails with --no-unseal, and starts it else", async () => {
      change();
      const before = vault.started().split(" ")[0];
      const { code, of } = await check("--no-unseal");
      expect(of("vault.reachable")).toMatchObject({
        status: "fail",
        summary: expect.stringContaining(`its container vault is ${state}`),
        fix: "openclaw-openrouter vault unseal",
      });
      expect(code).toBe(1);
      expect(host.docker("inspect", "-f", "{{.State.Status}}", "vault")).toBe(state);
      expect((await check()).code).toBe(0);
      expect(vault.started().split(" ")[0]).toBe(before);
      await expectAllWell();
    });
  });

  const faults: [string, () => Promise<unknown>, CheckId, RegExp, string[]][] = [
    [
      "a reader whose policy allows more",
      () =>
        asRoot("PUT", "sys/policies/acl/openclaw-reader", {
          policy: 'path "secret/*" { capabilities = ["read", "list"] }',
        }),
      "vault.identities",
      /can do more than it should: .*secret\/metadata/,
      ["up"],
    ],
    [
      "a reader whose policy allows nothing",
      () => asRoot("PUT", "sys/policies/acl/openclaw-reader", { policy: "# nothing" }),
      "secret.present",
      /403/,
      ["up"],
    ],
    [
      "no audit device",
      () => asRoot("DELETE", "sys/audit/file"),
      "vault.identities",
      /no audit device is enabled/,
      ["up"],
    ],
    [
      "a reader whose secret ids were destroyed",
      () => asRoot("DELETE", "auth/approle/role/openclaw-reader"),
      "vault.identities",
      /reader cannot log in/,
      ["up"],
    ],
    [
      "a container without the token helper",
      async () => host.docker("exec", "vault", "rm", "/home/vault/.vault"),
      "docker.exec",
      /ends with 2/,
      ["vault unseal"],
    ],
    [
      "a key with a line break after it",
      () => asRoot("POST", "secret/data/openrouter", { data: { api_key: `${key}\n` } }),
      "secret.present",
      /has a line break around it/,
      ["up", "with the key"],
    ],
    [
      "a deleted key",
      () => asRoot("DELETE", "secret/data/openrouter"),
      "secret.present",
      /deleted/,
      ["up", "with the key"],
    ],
  ];

  const sample = ["no audit device", "a container without the token helper", "a deleted key"];
  const tried = triedOf(
    faults,
    ([name]) => sample.includes(name),
    ([name]) => name,
  );
  test.each(tried)("%s", async (_name, disturb, id, summary, [command = "", withKey]) => {
    await disturb();
    const { code, of } = await check("--no-unseal");
    expect(of(id)).toMatchObject({ status: "fail", summary: expect.stringMatching(summary) });
    expect(of(id)?.fix).toContain(`openclaw-openrouter ${command}`);
    expect(code).toBe(1);
    await host.mustRun(command.split(" "), withKey ? { OPENROUTER_API_KEY: key } : {});
    await expectAllWell();
  });

  testInFull("a root token that lives", async () => {
    const created = z.object({ auth: z.object({ accessor: z.string() }) });
    const { auth } = await vault.asRoot((root) =>
      root.call({ method: "POST", path: "auth/token/create-orphan", body: { policies: ["root"] } }, created),
    );
    const { code, of } = await check();
    expect(of("vault.identities")).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("a root token is active"),
      fix: expect.stringContaining(`revoke -accessor ${auth.accessor}`),
    });
    expect(code).toBe(1);
    await asRoot("POST", "auth/token/revoke-accessor", { accessor: auth.accessor });
    await expectAllWell();
  });

  testInFull(
    "another one, which is empty: it is not initialized, and the shares are not touched",
    async () => {
      const { shares } = host.home("default");
      const before = readShares(shares);
      host.docker("exec", "vault", "sh", "-c", "rm -rf /vault/file/*");
      host.docker("restart", "vault");
      const { code, of } = await check();
      expect(of("vault.unsealed")).toMatchObject({
        status: "fail",
        summary: expect.stringContaining("not initialized"),
      });
      expect(code).toBe(1);
      const up = await host.run(["up"]);
      expect(up.code).toBe(1);
      expect(up.stderr).toContain("this instance has the shares of one that was used");
      expect(readShares(shares)).toEqual(before);
    },
  );

  test("no container at all", async () => {
    host.docker("rm", "-f", "vault");
    const { code, of } = await check();
    expect(of("vault.reachable")).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("no container vault"),
      fix: "openclaw-openrouter up",
    });
    expect(code).toBe(1);
  });

  test("no instance: exit 4", async () => {
    rmSync(join(host.homes, "default"), { recursive: true });
    expect((await host.run(["check"])).code).toBe(4);
  });
});
