import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DeployedHost, deployedKey } from "./support/deployed";
import { triedOf } from "./support/full";
import type { LocalOpenRouter } from "./support/openrouter";
import { TestVault } from "./support/vault";

const anything = z.unknown();

/** What the check and `drift` name as the fix, run by a person who reads no further. */
describe("a fix does what it says, or names who can", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const asRoot = (...calls: (readonly [method: "POST" | "PUT" | "DELETE", path: string, body?: object])[]) =>
    vault.asRoot(async (root) => {
      for (const [method, path, body] of calls)
        await root.call({ method, path, ...(body ? { body } : {}) }, anything);
    });

  /** What the deployer has no permission to change back. */
  const cases = [
    {
      name: "an audit device with other options",
      change: () =>
        asRoot(
          ["DELETE", "sys/audit/file"],
          ["PUT", "sys/audit/file", { type: "file", options: { file_path: "/vault/logs/audit.log" } }],
        ),
    },
    { name: "no audit device", change: () => asRoot(["DELETE", "sys/audit/file"]) },
    {
      name: "the token type of the auth method",
      change: () => asRoot(["POST", "sys/auth/approle/tune", { token_type: "batch" }]),
    },
    {
      name: "a role with another token type",
      change: () => asRoot(["POST", "auth/approle/role/openclaw-reader", { token_type: "service" }]),
    },
  ];

  const tried = triedOf(
    cases,
    (_case, index) => index === 0,
    ({ name }) => `up puts right: ${name}`,
  );
  test.each(tried)("up puts right: $name", async ({ change }) => {
    await change();
    const { stderr } = await host.mustRun(["up"]);
    expect(stderr).not.toMatch(/403|permission denied/);
    expect((await host.run(["drift"])).code).toBe(0);
  });

  test("a key that is deleted with all its versions: up says how to give it again, and that does it", async () => {
    await asRoot(["DELETE", "secret/metadata/openrouter"]);
    const { code, stderr } = await host.run(["up"]);
    expect(stderr).toContain("--key-file");
    expect(stderr).not.toMatch(/403|defect|Terraform could not/);
    expect(code).toBe(64);
    const file = join(host.folder, "key");
    writeFileSync(file, deployedKey, { mode: 0o600 });
    await host.mustRun(["up", "--key-file", file]);
    expect(vault.key()).toBe(deployedKey);
  });
});
