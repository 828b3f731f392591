import { existsSync } from "node:fs";
import { VaultClient } from "../../../lib/vault/client";
import { generateRoot } from "../../../lib/vault/identities/root";
import { withRootToken, withUnrecordedRootToken } from "../../../lib/vault/identities/root-session";
import { proveShares } from "../../../lib/vault/shares/prove-shares";
import { rememberedRootToken, rememberRootToken } from "../../../lib/vault/shares/shares-file";
import { Bed, expectOpen, failure } from "../bed";

let bed: Bed;
let vault: VaultClient;

beforeEach(async () => {
  bed = await Bed.make();
  await bed.run();
  vault = VaultClient.at({ address: bed.stub.address });
});
afterEach(() => bed.stub.close());

/** Another root token of this Vault, as an interrupted run or a person leaves it. */
const anotherRoot = () => generateRoot(vault, bed.shares());
const roots = () => [...bed.vault.roots];
const fails = async () => {
  throw new Error("the work failed");
};

describe("a session with a root token", () => {
  test("has a recorded token while it works, and none afterwards", async () => {
    const during = await withRootToken(vault, bed.home, bed.shares(), async (root) => {
      await root.write("sys/policies/acl/a", { policy: "# a" }, "PUT");
      return { roots: roots(), recorded: rememberedRootToken(bed.home) };
    });
    expect(during.roots).toEqual([during.recorded]);
    expect(bed.vault.policies.get("a")).toBe("# a");
    expectOpen(bed);
    expect(existsSync(bed.home.rootToken)).toBe(false);
  });

  test("goes on with the token of an interrupted run, and makes no other", async () => {
    const left = await anotherRoot();
    rememberRootToken(bed.home, left);
    const before = bed.stub.calls.length;
    await withRootToken(vault, bed.home, left, async () => expect(roots()).toEqual([left]));
    expect(bed.stub.calls.slice(before).filter(({ name }) => name.includes("generate-root"))).toEqual([]);
    expectOpen(bed);
    expect(rememberedRootToken(bed.home)).toBeUndefined();
  });

  test("revokes every root token, also one that nobody recorded", async () => {
    await anotherRoot();
    await withRootToken(vault, bed.home, bed.shares(), async () => expect(roots()).toHaveLength(2));
    expect(roots()).toEqual([]);
  });

  test("revokes its token if the work fails, and throws the work's error", async () => {
    await expect(withRootToken(vault, bed.home, bed.shares(), fails)).rejects.toThrow("the work failed");
    expect(roots()).toEqual([]);
    expect(rememberedRootToken(bed.home)).toBeUndefined();
  });

  test("whose token cannot be revoked leaves it recorded, and the next run revokes it", async () => {
    const seals = async () => {
      bed.vault.sealed = true;
    };
    await expect(withRootToken(vault, bed.home, bed.shares(), seals)).rejects.toThrow("Vault is sealed");
    expect(roots()).toEqual([rememberedRootToken(bed.home)]);
    await bed.run();
    expectOpen(bed);
    expect(rememberedRootToken(bed.home)).toBeUndefined();
  });

  test("throws the work's error even if the token cannot be revoked then", async () => {
    const work = async () => {
      bed.vault.sealed = true;
      await fails();
    };
    await expect(withRootToken(vault, bed.home, bed.shares(), work)).rejects.toThrow("the work failed");
    expect(roots()).toEqual([rememberedRootToken(bed.home)]);
  });

  test("that the next run resumes keeps its token if the work fails", async () => {
    const options = { keepsOnFailure: true };
    await expect(withRootToken(vault, bed.home, bed.shares(), fails, options)).rejects.toThrow();
    expect(roots()).toEqual([rememberedRootToken(bed.home)]);
  });

  test("says that its token is revoked while the record is still there", async () => {
    let seen: unknown;
    const onRevoked = async () => {
      seen = { roots: roots(), isRecorded: existsSync(bed.home.rootToken) };
    };
    await withRootToken(vault, bed.home, bed.shares(), async () => {}, { onRevoked });
    expect(seen).toEqual({ roots: [], isRecorded: true });
  });
});

describe("a session that revokes its own token only", () => {
  test("leaves another root token, and the record of it", async () => {
    const left = await anotherRoot();
    rememberRootToken(bed.home, left);
    await proveShares(vault, bed.home, bed.shares(), true);
    expect(roots()).toEqual([left]);
    expect(rememberedRootToken(bed.home)).toBe(left);
  });

  test("leaves no record where there was none", async () => {
    await proveShares(vault, bed.home, bed.shares(), true);
    expect(roots()).toEqual([]);
    expect(existsSync(bed.home.rootToken)).toBe(false);
  });
});

describe("a session with an unrecorded root token", () => {
  test("records nothing, and revokes its token, also if the work fails", async () => {
    const work = async () => expect(existsSync(bed.home.rootToken)).toBe(false);
    await withUnrecordedRootToken(vault, bed.shares(), work);
    await expect(withUnrecordedRootToken(vault, bed.shares(), fails)).rejects.toThrow("the work failed");
    expect(roots()).toEqual([]);
  });

  test("refuses shares of another Vault", async () => {
    const others = { shares: ["d3Jvbmcx", "d3Jvbmcy", "d3Jvbmcz"], threshold: 3 };
    const refused = await failure(withUnrecordedRootToken(vault, others, async () => {}));
    expect(refused).toContain("do not make a root token");
  });
});
