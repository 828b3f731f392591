import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { vaultShares } from "../../../lib/check/checks/vault-shares";
import type { CheckContext } from "../../../lib/check/context";
import type { DriftContext } from "../../../lib/drift/context";
import { shares as probe } from "../../../lib/drift/probes/shares";
import type { HomePaths } from "../../../lib/model/home-paths";
import { windows } from "../../../lib/operations/shares/prove";
import { deployedRecord } from "../../../lib/store/records/deployed-record";
import { rememberShares, sharesFingerprints } from "../../../lib/store/records/shares-fingerprints";
import { sharesRecord } from "../../../lib/store/records/shares-record";
import { inspectShares } from "../../../lib/vault/shares/inspect-shares";
import type { Shares } from "../../../lib/vault/shares/shares-file";
import { homeOf } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const created = "2026-11-01T10:00:00.000Z";
const share = () => randomBytes(33).toString("base64");
const made = (generation = 1): Shares => ({
  shares: [share(), share(), share(), share(), share()],
  threshold: 3,
  generation,
  created,
});

let home: HomePaths;
let shares: Shares;
const store = (content: object | string) =>
  writeFileSync(home.shares, typeof content === "string" ? content : JSON.stringify(content));

beforeEach(() => {
  home = homeOf(scratchFolder());
  mkdirSync(home.root, { recursive: true });
  shares = made();
  store(shares);
  rememberShares(home, shares);
});

/** What drift finds, and the status of the check. */
async function judged(type = "shamir"): Promise<string[]> {
  const settings = { vault: { seal: { type } } };
  const found = await probe.inspect({ home, deployed: { settings } } as unknown as DriftContext);
  const context = { home, parameters: { instance: "default" }, now: () => new Date(created) };
  const { status } = await vaultShares.run(context as unknown as CheckContext);
  return [...found.map(({ id, severity }) => `${severity} ${id}`), status];
}

test.each<[string, () => void, string[]]>([
  ["as they were made", () => {}, ["warn"]],
  ["gone", () => rmSync(home.shares), ["critical shares.missing", "fail"]],
  ["another Vault's", () => store(made()), ["critical shares.others", "fail"]],
  [
    "fewer than are needed",
    () => store({ ...shares, shares: shares.shares.slice(3) }),
    ["critical shares.others", "fail"],
  ],
  ["as many as are needed", () => store({ ...shares, shares: shares.shares.slice(0, 3) }), ["warn"]],
  [
    "in another order, in hexadecimal",
    () => store({ ...shares, shares: hexadecimal(shares).reverse() }),
    ["warn"],
  ],
  [
    "one of them thrice",
    () => store({ ...shares, shares: [0, 0, 0].map((i) => shares.shares[i]) }),
    ["critical shares.others", "fail"],
  ],
  ["damaged", () => store("{"), ["critical shares.unreadable", "fail"]],
  ["empty", () => store(""), ["critical shares.unreadable", "fail"]],
  ["never recorded", () => sharesFingerprints.remove(home), ["warn"]],
  [
    "gone with their record",
    () => {
      deployedRecord.write(home, { at: created, sharesHere: true });
      sharesFingerprints.remove(home);
      rmSync(home.shares);
    },
    ["critical shares.missing", "fail"],
  ],
  [
    "held by people from the beginning",
    () => {
      deployedRecord.write(home, { at: created });
      sharesFingerprints.remove(home);
      rmSync(home.shares);
    },
    ["pass"],
  ],
])("shares that are %s", async (_name, happens, expected) => {
  happens();
  expect(await judged()).toEqual(expected);
});

test("Of a Vault that unseals itself they only make root tokens", async () => {
  rmSync(home.shares);
  expect(await judged("transit")).toEqual(["major shares.missing", "fail"]);
});

test("What `shares remove` takes off the host is not missing", async () => {
  rmSync(home.shares);
  const record = { generation: 1, shares: 5, threshold: 3, created, holders: [], movedOff: created };
  sharesRecord.write(home, record);
  expect(await judged()).toEqual(["pass"]);
});

test("The record has no share, and another one of the same shares has other fingerprints", () => {
  const text = readFileSync(home.sharesFingerprints, "utf8");
  for (const each of [...shares.shares, ...hexadecimal(shares)]) expect(text).not.toContain(each);
  rememberShares(home, shares);
  expect(readFileSync(home.sharesFingerprints, "utf8")).toBe(text);
  sharesFingerprints.remove(home);
  rememberShares(home, shares);
  const again = sharesFingerprints.read(home);
  expect(again?.fingerprints.some((each) => text.includes(each))).toBe(false);
  expect(inspectShares(home)).toEqual({ is: "known", shares });
});

test("New shares replace the record", () => {
  const next = made(2);
  store(next);
  expect(inspectShares(home).is).toBe("others");
  rememberShares(home, next);
  expect(inspectShares(home).is).toBe("known");
  store(shares);
  expect(inspectShares(home).is).toBe("others");
});

test.each([
  [
    5,
    3,
    [
      [0, 1, 2],
      [2, 3, 4],
    ],
  ],
  [3, 3, [[0, 1, 2]]],
  [1, 1, [[0]]],
  [
    7,
    2,
    [
      [0, 1],
      [2, 3],
      [4, 5],
      [5, 6],
    ],
  ],
])("A drill of %i shares, %i at a time, gives each of them", (count, size, expected) => {
  expect(windows([...Array(count).keys()], size)).toEqual(expected);
});

function hexadecimal({ shares: all }: Shares): string[] {
  return all.map((each) => Buffer.from(each, "base64").toString("hex"));
}
