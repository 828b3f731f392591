import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { describeInFull, testInFull } from "./support/full";
import { type RunOutcome, TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";

/** Container `vault`, port 8200 and a key of one's own, as the setup guide has it. */
describe("the instance default, with a key", () => {
  const host = new TestHost();
  const vault = new TestVault(host);
  const [first, second, third, byHand, refused] = [newKey(), newKey(), newKey(), newKey(), newKey()];
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter(first, second, third, byHand);
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const upWith = (key: string, ...args: string[]) =>
    host.mustRun(["up", ...args], { OPENROUTER_API_KEY: key });

  test("up deploys and checks it", async () => {
    const { stderr } = await upWith(first);
    expect(stderr).toContain("Instance default is deployed; the check passed.");
    expect(await openrouter.control.requests()).toContainEqual(
      expect.objectContaining({ path: "/chat/completions", status: 200 }),
    );
  });

  test("the setup guide's own command reads it", () => {
    expect(host.docker("exec", "vault", "vault", "kv", "get", "-field=api_key", "secret/openrouter")).toBe(
      first,
    );
  });

  describe("up without a key keeps the stored one, plans nothing and restarts nothing", () => {
    async function upChangesNothing(): Promise<void> {
      const version = await storedVersion();
      const { stdout, stderr } = await host.mustRun(["up", "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({
        instance: "default",
        changed: false,
        check: { outcome: "warn" },
      });
      expect(stderr).toContain("Instance default: nothing changed; the check passed.");
      expect(vault.key()).toBe(first);
      expect(await storedVersion()).toBe(version);
    }

    test("the day after", async () => {
      const before = vault.started();
      await upChangesNothing();
      expect(vault.started()).toBe(before);
    });

    test("with the same key given once more", async () => {
      const before = vault.started();
      const { stdout } = await upWith(first, "--json");
      expect(JSON.parse(stdout)).toMatchObject({ changed: false });
      expect(vault.started()).toBe(before);
    });

    test("after a reboot, which leaves the container sealed", async () => {
      host.docker("restart", "vault");
      const before = vault.started();
      await host.mustRun(["vault", "unseal"]);
      await upChangesNothing();
      expect(vault.started()).toBe(before);
    });

    test("after docker stop, which it undoes without a new container", async () => {
      const [id] = vault.started().split(" ");
      host.docker("stop", "vault");
      const { stdout } = await host.mustRun(["up", "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({ changed: false });
      expect(vault.started().split(" ")[0]).toBe(id);
      expect(vault.key()).toBe(first);
    });
  });

  describeInFull("a key that was changed by hand", () => {
    test("stays where both work, unless --replace-key says otherwise", async () => {
      await vault.storeKeyByHand(byHand);
      const { code, stderr } = await host.run(["up"], { OPENROUTER_API_KEY: first });
      expect(code).toBe(1);
      expect(stderr).toContain("--replace-key");
      expectNoKeyIn(stderr);
      expect(vault.key()).toBe(byHand);

      await upWith(first, "--replace-key");
      expect(vault.key()).toBe(first);
    });

    test("is put right without a question where it does not work", async () => {
      await vault.storeKeyByHand(refused);
      await upWith(first);
      expect(vault.key()).toBe(first);
    });

    test("is used unchanged by up without a key", async () => {
      await vault.storeKeyByHand(byHand);
      const { stdout } = await host.mustRun(["up", "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({ check: { outcome: "warn" } });
      expect(vault.key()).toBe(byHand);
      await upWith(first, "--replace-key");
    });
  });

  test.each(["secret/data/openrouter", "secret/metadata/openrouter"])(
    "a key deleted by hand (%s) is put back",
    async (path) => {
      await vault.asRoot((root) => root.call({ method: "DELETE", path }, z.unknown()));
      expect(() => vault.key()).toThrow();
      await upWith(first);
      expect(vault.key()).toBe(first);
    },
  );

  testInFull("a deleted key that is not given again is reported, not overlooked", async () => {
    await vault.asRoot((root) =>
      root.call({ method: "DELETE", path: "secret/data/openrouter" }, z.unknown()),
    );
    const { code, stderr } = await host.run(["up"]);
    expect(code).toBe(64);
    expect(stderr).toMatch(/secret\/openrouter/);
    expect(stderr).toContain("--key-file");
    await upWith(first);
    expect(vault.key()).toBe(first);
  });

  test("a new one replaces it, by --key-file and by --key-stdin, and by nothing else", async () => {
    const file = join(host.folder, "key");
    writeFileSync(file, `${second}\n`, { mode: 0o600 });
    const container = vault.started();
    await host.mustRun(["up", "--key-file", file]);
    expect(vault.key()).toBe(second);
    await host.mustRun(["up", "--key-stdin"], {}, `${third}\n`);
    expect(vault.key()).toBe(third);
    await host.mustRun(["up"]);
    expect(vault.key()).toBe(third);
    expect(vault.started()).toBe(container);
  });

  test("one that OpenRouter refuses changes nothing", async () => {
    const version = await storedVersion();
    const state = readFileSync(host.home("default").state("openrouter"));
    const { code, stderr } = await host.run(["up"], { OPENROUTER_API_KEY: refused });
    expect(code).toBe(1);
    expect(stderr).toContain("OpenRouter refuses this key");
    expectNoKeyIn(stderr);
    expect(vault.key()).toBe(third);
    expect(await storedVersion()).toBe(version);
    expect(readFileSync(host.home("default").state("openrouter"))).toEqual(state);
  });

  async function storedVersion(): Promise<number> {
    const reader = await vault.as("reader");
    const answer = z.object({ data: z.object({ metadata: z.object({ version: z.int() }) }) });
    return (await reader.call({ path: "secret/data/openrouter" }, answer)).data.metadata.version;
  }
});

/** No message shows more of a key than its first 12 characters. */
function expectNoKeyIn(text: string): void {
  expect(text).not.toMatch(/sk-or-v1-[0-9a-f]{4}/);
}

describe("a key of a wrong form is refused before anything is touched", () => {
  const host = new TestHost();
  afterAll(() => host.remove());
  const key = newKey();

  type Way = (raw: string) => Promise<RunOutcome>;
  const byEnvironment: Way = (raw) => host.run(["up"], { OPENROUTER_API_KEY: raw });
  const byStdin: Way = (raw) => host.run(["up", "--key-stdin"], {}, raw);
  const byFile: Way = (raw) => {
    const file = join(host.folder, "key");
    writeFileSync(file, raw);
    return host.run(["up", "--key-file", file]);
  };

  test.each<[string, Way, string, string]>([
    ["empty", byEnvironment, "", "is empty"],
    ["a blank before it", byEnvironment, ` ${key}`, "has a blank around it"],
    ["a line break after it", byEnvironment, `${key}\n`, "has a line break around it"],
    ["quotes around it", byFile, `"${key}"\n`, "has a quote around it"],
    ["two line breaks after it", byFile, `${key}\n\n`, "has a line break around it"],
    ["another provider's", byFile, "sk-ant-api03-0123456789abcdef", "does not begin with sk-or-v1-"],
    ["nothing but blanks", byStdin, "  \n", "is empty"],
    ["shortened", byStdin, "sk-or-v1-abc...def\n", "is shortened"],
    ["too short", byStdin, "sk-or-v1-abc\n", "is not of the form"],
  ])("%s", async (_name, way, raw, reason) => {
    const { code, stderr, stdout } = await way(raw);
    expect(code).toBe(64);
    expect(stderr).toContain(reason);
    expect(stdout).toBe("");
    expectNoKeyIn(stderr);
    expect(existsSync(host.homes)).toBe(false);
  });

  test("a key file that is not there", async () => {
    const { code, stderr } = await host.run(["up", "--key-file", join(host.folder, "none")]);
    expect(code).toBe(64);
    expect(stderr).toContain("cannot be read");
    expect(existsSync(host.homes)).toBe(false);
  });
});
