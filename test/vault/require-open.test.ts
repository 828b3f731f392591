import { UserError } from "../../lib/core/errors";
import { type VaultClient, VaultFailure } from "../../lib/vault/client";
import { howToUnseal, requireActive, requireOpen } from "../../lib/vault/external-vault";
import type { SealStatus } from "../../lib/vault/schemas";

const address = "https://vault.example:8200";
const status = (fields: Partial<SealStatus>) =>
  ({ type: "shamir", initialized: true, sealed: false, ...fields }) as SealStatus;

/** What is said where it is refused. */
function refusal(container: string | undefined, fields: Partial<SealStatus>): UserError["props"] | undefined {
  try {
    requireOpen({ address, external: { ...(container ? { container } : {}) } } as never, status(fields));
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.props;
    throw error;
  }
}

describe("an external Vault is its owner's to open", () => {
  test("one that is open is used", () => {
    expect(refusal("vault", {})).toBeUndefined();
  });

  test.each<[string, Partial<SealStatus>, RegExp, RegExp]>([
    ["sealed", { sealed: true }, /is sealed, as after each restart/, /^vault operator unseal\n/],
    ["empty", { initialized: false, sealed: true }, /is not initialized/, /^vault operator init\n/],
  ])("one that is %s is not, and the fix is the owner's", (_, fields, problem, fix) => {
    expect(refusal(undefined, fields)).toMatchObject({
      problem: expect.stringMatching(problem),
      fix: expect.stringMatching(fix),
    });
  });

  test("in a container, the fix is run there", () => {
    expect(refusal("their-vault", { sealed: true })?.fix).toMatch(
      /^docker exec -it their-vault vault operator unseal\n/,
    );
  });
});

describe("a host that joined unseals nothing itself", () => {
  const fix = (prefix: string) =>
    howToUnseal({ external: { prefix, keyPath: "", joinedAs: "web1" } }, status({}));

  test("the host of an instance with a Vault of its own does", () => {
    expect(fix("openclaw")).toBe("On the Vault's host, the command `vault unseal` opens it.");
  });

  test("the owner of an external Vault does", () => {
    expect(fix("openclaw-default-3f2a91c4")).toMatch(/^vault operator unseal\n/);
  });
});

describe("an admin's token", () => {
  const vault = (answer: () => Promise<unknown>) => ({ address, call: answer }) as unknown as VaultClient;

  test("that Vault takes is used", async () => {
    await requireActive(vault(async () => ({ data: {} })));
  });

  test("that Vault refuses is refused by name, before anything was changed", async () => {
    const refused = vault(() => Promise.reject(new VaultFailure(403, ["permission denied"], "GET x")));
    await expect(requireActive(refused)).rejects.toThrow(
      /does not take the admin's token.*Nothing was changed/,
    );
  });

  test("is not called refused where Vault failed otherwise", async () => {
    const broken = vault(() => Promise.reject(new VaultFailure(500, ["storage"], "GET x")));
    await expect(requireActive(broken)).rejects.toThrow(/Vault answered 500/);
  });
});
