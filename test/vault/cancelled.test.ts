import { existsSync, readdirSync, renameSync } from "node:fs";
import { writeJson } from "../../lib/core/files/files";
import { type RekeyRecord, rekeyRecord } from "../../lib/store/records/rekey-record";
import { rememberShares } from "../../lib/store/records/shares-fingerprints";
import { VaultClient } from "../../lib/vault/client";
import { makeRootToken } from "../../lib/vault/identities/root";
import { inspectShares } from "../../lib/vault/shares/inspect-shares";
import { proveShares } from "../../lib/vault/shares/prove-shares";
import { makeNewShares, verifyNewShares } from "../../lib/vault/shares/rekey";
import { digestOf, resumeRekey } from "../../lib/vault/shares/resume-rekey";
import {
  type KeyShares,
  readShares,
  rememberRootToken,
  type Shares,
} from "../../lib/vault/shares/shares-file";
import { unseal } from "../../lib/vault/unseal";
import { Bed, failure } from "./bed";

jest.mock("node:timers/promises", () => ({ setTimeout: async () => {} }));

/** Vault asks for no token to cancel, reset or feed what takes shares: any program of the host may do so. */
let bed: Bed;
let vault: VaultClient;
let shares: Shares;
/** What a stranger does before every so many calls. */
let every = 0;
let disturb = () => {};

const wrong: KeyShares = { shares: ["d3Jvbmcx", "d3Jvbmcy", "d3Jvbmcz"], threshold: 3 };
const cancelRoot = () => bed.vault.stranger("DELETE sys/generate-root/attempt");

beforeEach(async () => {
  bed = await Bed.make();
  await bed.run();
  vault = VaultClient.at({ address: bed.stub.address });
  shares = bed.shares();
  every = 0;
  let calls = 0;
  bed.vault.meanwhile = () => {
    calls += 1;
    if (every > 0 && calls % every === 0) disturb();
  };
});
afterEach(() => bed.stub.close());

/** @param count before how many calls one of the stranger's comes */
function disturbing(count: number, what: () => void): void {
  every = count;
  disturb = what;
}

/** Puts shares of a stranger's own into the root generation that is under way: its nonce is public. */
function feedRoot(): void {
  const [, answer] = bed.vault.stranger("GET sys/generate-root/attempt");
  const nonce = (answer as { nonce?: string }).nonce;
  bed.vault.stranger("PUT sys/generate-root/update", { key: "c3RyYW5nZXI=", nonce });
}

describe("a root token", () => {
  test.each([
    ["cancels the attempt", () => cancelRoot()],
    ["begins one of his own", () => bed.vault.stranger("PUT sys/generate-root/attempt")],
    ["gives shares of his own", feedRoot],
  ])("is made though somebody %s now and then", async (_, what) => {
    disturbing(7, what);
    await proveShares(vault, bed.home, shares);
    expect([...bed.vault.roots]).toEqual([]);
  });

  test.each([
    ["cancels the attempt", () => cancelRoot(), "no root generation in progress"],
    ["gives shares of his own", feedRoot, "shares counted"],
  ])("is reported as kept from where somebody %s each time", async (_, what, words) => {
    disturbing(1, what);
    const told = await failure(proveShares(vault, bed.home, shares));
    expect(told).toContain("Somebody keeps cancelling");
    expect(told).toContain(words);
    expect(told).not.toContain("do not make");
    expect(existsSync(bed.home.rootToken)).toBe(false);
  });

  test("is refused by wrong shares, as wrong shares, also where somebody cancels", async () => {
    expect(await failure(proveShares(vault, bed.home, wrong))).toContain("do not make a root token");
    disturbing(6, cancelRoot);
    expect(await failure(proveShares(vault, bed.home, wrong))).toContain("do not make a root token");
  });

  test("that did not come to be leaves the note of an earlier one", async () => {
    rememberRootToken(bed.home, "hvs.earlier");
    const note = () =>
      readShares(bed.home.shares)?.rootToken ?? readdirSync(bed.home.root).includes("root-token.json");
    const before = note();
    await failure(makeRootToken(vault, bed.home, wrong));
    expect(note()).toEqual(before);
    expect(bed.vault.roots.size).toBe(0);
  });
});

describe("unseal", () => {
  const reset = () => bed.vault.stranger("PUT sys/unseal", { reset: true });
  const feed = () => bed.vault.stranger("PUT sys/unseal", { key: "c3RyYW5nZXI=" });

  beforeEach(() => {
    bed.vault.sealed = true;
  });

  test.each([
    ["resets it", reset],
    ["gives shares of his own", feed],
  ])("opens though somebody %s now and then", async (_, what) => {
    disturbing(6, what);
    expect(await unseal(vault, shares)).toEqual(shares);
    expect(bed.vault.sealed).toBe(false);
  });

  test.each([
    ["resets it", reset],
    ["gives shares of his own", feed],
  ])("never takes shares for wrong where somebody %s each time", async (_, what) => {
    disturbing(1, what);
    expect(await failure(unseal(vault, shares))).toContain(
      "Somebody keeps cancelling the attempts at unseal",
    );
  });

  test("tells wrong shares, and takes the next ones", async () => {
    expect(await failure(unseal(vault, wrong))).toContain("do not unseal");
    expect(await unseal(vault, wrong, shares)).toEqual(shares);
  });

  test("says of no shares that they opened it where somebody else did", async () => {
    disturbing(2, () => {
      bed.vault.sealed = false;
    });
    expect(await unseal(vault, wrong)).toBeUndefined();
  });
});

describe("a rekey", () => {
  const cancel = () => {
    const [, answer] = bed.vault.stranger("GET sys/rekey/init");
    bed.vault.stranger("DELETE sys/rekey/init", { nonce: (answer as { nonce: string }).nonce });
  };
  const cancelVerification = () => bed.vault.stranger("DELETE sys/rekey/verify");
  const make = () => makeNewShares(vault, "rekey", { shares: 3, threshold: 2, current: shares });

  test.each([
    ["cancels it", cancel],
    [
      "begins one of his own",
      () => bed.vault.stranger("PUT sys/rekey/init", { secret_shares: 1, secret_threshold: 1 }),
    ],
  ])("makes new shares though somebody %s now and then", async (_, what) => {
    disturbing(11, what);
    expect((await make()).shares).toHaveLength(3);
  });

  test("is reported as kept from where somebody cancels it each time", async () => {
    disturbing(1, cancel);
    expect(await failure(make())).toContain("Somebody keeps cancelling the attempts at rekey");
  });

  test("gives no share to one that a stranger began in between", async () => {
    const answer = bed.vault.answer;
    let given = 0;
    jest.spyOn(bed.vault, "meanwhile").mockImplementation(({ name }) => {
      if (name === "PUT sys/rekey/update") given += 1;
    });
    const swapped = jest.fn((call: Parameters<typeof answer>[0]) => {
      const told = answer.call(bed.vault, call);
      if (call.name !== "PUT sys/rekey/init") return told;
      cancel();
      return bed.vault.stranger("PUT sys/rekey/init", { secret_shares: 3, secret_threshold: 2 });
    });
    Object.assign(bed.vault, { answer: swapped });
    expect(await failure(make())).toContain("another rekey than the one that was begun");
    expect(given).toBe(0);
  });

  test("tells shares that are not this Vault's", async () => {
    const attempt = makeNewShares(vault, "rekey", { shares: 3, threshold: 2, current: wrong });
    expect(await failure(attempt)).toContain("not the present shares");
  });

  test("is verified though somebody cancels the verification now and then", async () => {
    const made = await make();
    disturbing(7, cancelVerification);
    await verifyNewShares(vault, "rekey", { shares: made.shares, threshold: 2 });
    expect(bed.vault.shares).toEqual(made.shares);
  });

  test("is reported as over where somebody cancelled it before it was verified", async () => {
    const made = await make();
    cancel();
    const attempt = verifyNewShares(vault, "rekey", { shares: made.shares, threshold: 2 });
    expect(await failure(attempt)).toContain("no rekey under way");
  });
});

describe("a rekey that was interrupted in its last step", () => {
  const next: Shares = {
    shares: ["bmV4dDE=", "bmV4dDI="],
    threshold: 2,
    generation: 2,
    created: "2026-11-25T15:57:40.771Z",
  };
  const record: RekeyRecord = {
    generation: 2,
    replaces: 1,
    shares: 2,
    threshold: 2,
    since: next.created,
    way: "kept",
    holders: [],
    seen: { before: [], after: [] },
    verifying: true,
  };
  const files = () =>
    readdirSync(bed.home.root)
      .filter((name) => /^(shares|rekey)/.test(name) && name !== "shares-fingerprints.json")
      .sort();
  const all = ["rekey.json", "shares-next.json", "shares.json"];
  const bringIntoForce = ({ shares: active, threshold }: KeyShares) =>
    Object.assign(bed.vault, { shares: active, threshold });

  beforeEach(() => {
    writeJson(bed.home.nextShares, next);
    rekeyRecord.write(bed.home, record);
  });

  test.each([["before" as const], ["after" as const]])(
    "removes nothing while somebody cancels each proof; then what it was is found (%s)",
    async (generation) => {
      const active: KeyShares = generation === "after" ? next : shares;
      bringIntoForce(active);
      disturbing(1, cancelRoot);
      expect(await failure(resumeRekey(vault, bed.home))).toContain("Somebody keeps cancelling");
      expect(files()).toEqual(all);
      disturbing(7, cancelRoot);
      await resumeRekey(vault, bed.home);
      expect(files()).toEqual(["shares.json"]);
      expect(bed.shares().shares).toEqual(active.shares);
    },
  );

  test("finishes what was killed after the new shares were moved", async () => {
    rememberShares(bed.home, shares);
    renameSync(bed.home.nextShares, bed.home.shares);
    bringIntoForce(next);
    await resumeRekey(vault, bed.home);
    expect(files()).toEqual(["shares.json"]);
    expect(inspectShares(bed.home)).toMatchObject({ is: "known" });
  });

  test("removes nothing where Vault accepts neither", async () => {
    bringIntoForce(wrong);
    await resumeRekey(vault, bed.home);
    expect(files()).toEqual(all);
  });

  test("takes a stranger's rekey for no proof that the new shares never became active", async () => {
    bringIntoForce(next);
    bed.vault.stranger("PUT sys/rekey/init", { secret_shares: 1, secret_threshold: 1 });
    await resumeRekey(vault, bed.home);
    expect(bed.shares().shares).toEqual(next.shares);
  });

  test("takes nobody's word for it that given shares are active", async () => {
    rekeyRecord.write(bed.home, {
      ...record,
      way: "distributed",
      seen: { before: [], after: next.shares.map(digestOf) },
    });
    await resumeRekey(vault, bed.home, next);
    // They are not: Vault accepts the previous ones.
    expect(bed.shares().shares).toEqual(shares.shares);
    expect(rekeyRecord.read(bed.home)).toBeUndefined();
  });

  test("takes people's own threshold, given back in this run, for the proof", async () => {
    bringIntoForce(next);
    rekeyRecord.write(bed.home, {
      ...record,
      way: "distributed",
      seen: { before: [], after: next.shares.map(digestOf) },
    });
    await resumeRekey(vault, bed.home, next);
    expect(existsSync(bed.home.shares)).toBe(false);
  });
});
