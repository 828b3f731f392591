import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { writeJson } from "../../lib/core/files/files";
import { type Shares, storeShares } from "../../lib/vault/shares/shares-file";
import { Bed, expectOpen, failure, volume } from "./bed";

let bed: Bed;

beforeEach(async () => {
  bed = await Bed.make();
});
afterEach(() => bed.stub.close());

describe("an initialized, sealed Vault without shares", () => {
  const pending = { volume: volume.name, volumeCreated: volume.created, since: "2026-11-23T10:00:01.000Z" };

  beforeEach(() => {
    bed.vault.initialized = true;
    bed.vault.inits = 1;
  });

  test("is a stop: it was used", async () => {
    const told = await failure(bed.run());
    expect(told).toContain("its unseal key shares are not on this host");
    expect(told).toContain(`no ${bed.home.shares}`);
    expect([bed.vault.inits, bed.asides]).toEqual([1, 0]);
  });

  test("is set aside where its initialization was interrupted on this very volume", async () => {
    writeJson(bed.home.initPending, pending);
    await bed.run();
    expect([bed.vault.inits, bed.asides]).toEqual([2, 1]);
    expectOpen(bed);
  });

  test.each([
    ["of another name", { volume: "other-data" }],
    ["of the same name, made later", { volumeCreated: "2026-11-22T10:00:00Z" }],
  ])("is a stop where the record is about a volume %s", async (_, changed) => {
    writeJson(bed.home.initPending, { ...pending, ...changed });
    expect(await failure(bed.run())).toContain("its unseal key shares are not on this host");
    expect([bed.vault.inits, bed.asides]).toEqual([1, 0]);
    expect(existsSync(bed.home.initPending)).toBe(true);
  });

  test("is a stop where the record cannot be read", async () => {
    writeJson(bed.home.initPending, {});
    expect(await failure(bed.run())).toContain(`${bed.home.initPending} cannot be read`);
    expect(bed.asides).toBe(0);
  });
});

describe("the record of an initialization", () => {
  test.each([true, false])(
    "goes where Vault is unsealed, so that it costs nothing later (shares on the host: %s)",
    async (here) => {
      await bed.run();
      writeJson(bed.home.initPending, {
        volume: volume.name,
        volumeCreated: volume.created,
        since: "2026-11-23T10:00:01.000Z",
      });
      if (!here) writeFileSync(bed.home.shares, "");
      await bed.run().catch(() => {});
      if (here) expect(existsSync(bed.home.initPending)).toBe(false);
      expect(bed.asides).toBe(0);
    },
  );
});

describe("shares", () => {
  const foreign: Shares = {
    shares: ["YQ==", "Yg==", "Yw=="],
    threshold: 3,
    generation: 1,
    created: "2026-01-01T00:00:00.000Z",
  };

  test("are never overwritten", () => {
    storeShares(bed.home.shares, foreign);
    expect(() => storeShares(bed.home.shares, { ...foreign, shares: ["ZA=="] })).toThrow(
      /holds shares already, and shares are never overwritten/,
    );
    expect(bed.shares()).toEqual(foreign);
  });

  test("of a Vault that is not this empty one are a stop, before it is initialized", async () => {
    storeShares(bed.home.shares, foreign);
    expect(await failure(bed.run())).toContain(
      "is empty, but this instance has the shares of one that was used",
    );
    expect(bed.vault.inits).toBe(0);
    expect(bed.shares()).toEqual(foreign);
  });

  test("of another Vault are a stop that shows none of them", async () => {
    await bed.run();
    bed.vault.sealed = true;
    writeJson(bed.home.shares, foreign);
    const told = await failure(bed.run());
    expect(told).toContain("do not unseal the Vault");
    for (const share of foreign.shares) expect(told).not.toContain(share);
    expect(bed.shares()).toEqual(foreign);
  });

  test("that are damaged are a stop that shows nothing of them", async () => {
    await bed.run();
    bed.vault.sealed = true;
    const damaged = readFileSync(bed.home.shares, "utf8").slice(0, -5);
    writeFileSync(bed.home.shares, damaged);
    const told = await failure(bed.run());
    expect(told).toContain(`${bed.home.shares} cannot be read`);
    expect(told).not.toContain(bed.vault.shares[0]);
    expect(readFileSync(bed.home.shares, "utf8")).toBe(damaged);
  });
});

test("an open Vault with neither working credentials nor shares is a stop", async () => {
  bed.vault.initialized = true;
  bed.vault.sealed = false;
  expect(await failure(bed.run())).toContain("there are no shares here to fix that");
});
