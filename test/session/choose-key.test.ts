import { UserError } from "../../lib/core/errors";
import type { HomePaths } from "../../lib/model/home-paths";
import { keyFingerprint, keyVersion } from "../../lib/model/openrouter-key";
import { type ChooseKeyProps, chooseKey, type KeyVerdict } from "../../lib/session/choose-key";
import { type KeyRecord, writeKeyRecord } from "../../lib/store/records/key-record";
import { canary, homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const given = canary;
/** What was stored by us, and what somebody stored by hand. */
const earlier = `sk-or-v1-${"1111".repeat(16)}`;
const byHand = `sk-or-v1-${"2222".repeat(16)}`;

const works: KeyVerdict = { works: true };
const refused: KeyVerdict = { works: false, refused: true, why: "401 No auth credentials found" };
const unreachable: KeyVerdict = { works: false, refused: false, why: "no answer" };

let home: HomePaths;
beforeEach(() => {
  home = homeOf(scratchFolder());
});

interface Case {
  readonly given?: string;
  /** The stored key; null: there is a secret, and its present version is deleted. */
  readonly stored?: string | null;
  readonly isForeign?: boolean;
  /** The key that was recorded last, of generation 1. */
  readonly recorded?: string;
  readonly verdicts?: Record<string, KeyVerdict>;
  readonly replace?: boolean;
  readonly retired?: string[];
}

/** Runs the choice, and tells which keys were tested and whether a person was asked. */
async function choose({
  given,
  stored,
  isForeign,
  recorded,
  verdicts = {},
  replace = false,
  retired = [],
}: Case) {
  const record: KeyRecord = {
    generation: recorded ? 1 : 0,
    version: recorded ? keyVersion(recorded, 1) : 0,
    retired: retired.map(keyFingerprint),
    ...(recorded ? { fingerprint: keyFingerprint(recorded) } : {}),
  };
  writeKeyRecord(home, record);
  const tested: string[] = [];
  const asked: string[] = [];
  const props: ChooseKeyProps = {
    home,
    given,
    ...(isForeign ? { isForeign } : {}),
    stored:
      stored === undefined
        ? undefined
        : { key: stored ?? undefined, version: 4, created: "2026-11-23T10:00:00Z", ends: "" },
    test: async (key) => {
      tested.push(key);
      return verdicts[key] ?? works;
    },
    replaceWorkingKey: async (question) => {
      asked.push(question);
      return replace;
    },
  };
  const outcome = await chooseKey(props).then(
    (chosen) => ({ chosen, error: undefined }),
    (error: unknown) => ({ chosen: undefined, error }),
  );
  for (const key of [given, stored]) {
    if (key) expect(asked.join() + String(outcome.error)).not.toContain(key.slice(0, 13));
  }
  return { ...outcome, tested, asked };
}

const version = (key: string, keyGeneration: number) => ({
  keyGeneration,
  keyVersion: keyVersion(key, keyGeneration),
});

describe("goes on", () => {
  test.each<[string, Case, { key: string | undefined; keyGeneration: number; keyVersion: number }, string[]]>(
    [
      ["nothing given, nothing stored", {}, { key: undefined, keyGeneration: 0, keyVersion: 0 }, []],
      [
        "nothing given: the recorded key is declared again",
        { stored: earlier, recorded: earlier },
        { key: undefined, ...version(earlier, 1) },
        [],
      ],
      [
        "nothing given, stored by hand: it stays",
        { stored: byHand, recorded: earlier },
        { key: undefined, ...version(earlier, 1) },
        [],
      ],
      ["the first key", { given }, { key: given, ...version(given, 0) }, [given]],
      [
        "the same key as stored: it is not tested again",
        { given, stored: given, recorded: given },
        { key: given, ...version(given, 1) },
        [],
      ],
      [
        "another key than ours",
        { given, stored: earlier, recorded: earlier },
        { key: given, ...version(given, 1) },
        [given],
      ],
      [
        "the recorded key, deleted in Vault: written once more",
        { given, stored: null, recorded: given },
        { key: given, ...version(given, 2) },
        [given],
      ],
      [
        "the recorded key, with the secret gone",
        { given, recorded: given },
        { key: given, ...version(given, 2) },
        [given],
      ],
      [
        "the recorded key, over one by hand that does not work: written once more",
        { given, stored: byHand, recorded: given, verdicts: { [byHand]: refused } },
        { key: given, ...version(given, 2) },
        [given, byHand],
      ],
      [
        "a new key, over one by hand that does not work",
        { given, stored: byHand, recorded: earlier, verdicts: { [byHand]: refused } },
        { key: given, ...version(given, 1) },
        [given, byHand],
      ],
      [
        "the recorded key, over one by hand with a line break after it, though a call with it may pass",
        { given, stored: `${given}\n`, recorded: given },
        { key: given, ...version(given, 2) },
        [given],
      ],
      [
        "a stored key, of which the home knows nothing",
        { given, stored: byHand },
        { key: given, ...version(given, 0) },
        [given],
      ],
      [
        "OpenRouter cannot be reached, and nothing is stored that could be lost",
        { given, verdicts: { [given]: unreachable } },
        { key: given, ...version(given, 0) },
        [given],
      ],
    ],
  )("%s", async (_, situation, chosen, tested) => {
    const result = await choose(situation);
    expect(result.error).toBeUndefined();
    expect(result.chosen).toEqual(chosen);
    expect(result.tested).toEqual(tested);
    expect(result.asked).toEqual([]);
  });

  test("a working key by hand is replaced where a person says so", async () => {
    const result = await choose({ given, stored: byHand, recorded: given, replace: true });
    expect(result.chosen).toEqual({ key: given, ...version(given, 2) });
    expect(result.asked).toEqual([
      `The key in Vault (${byHand.slice(0, 12)}…) was stored by hand and works. Replace it by the given one (${given.slice(0, 12)}…)?`,
    ]);
  });
});

describe("stops", () => {
  test.each<[string, Case, RegExp]>([
    [
      "a refused key, nothing stored",
      { given, verdicts: { [given]: refused } },
      /refuses this key, so it is not stored[\s\S]*401/,
    ],
    [
      "a refused key, another stored",
      { given, stored: earlier, recorded: earlier, verdicts: { [given]: refused } },
      /refuses this key/,
    ],
    [
      "a key that could not be tested, another stored",
      { given, stored: earlier, recorded: earlier, verdicts: { [given]: unreachable } },
      /could not be tested at OpenRouter, so the stored one stays[\s\S]*no answer/,
    ],
    [
      "a working key by hand, and nobody says yes",
      { given, stored: byHand, recorded: earlier },
      /stored by hand, works, and stays/,
    ],
    [
      "a key that was rotated away",
      { given, stored: earlier, recorded: earlier, retired: [given] },
      /was rotated away/,
    ],
    [
      "a key that was rotated away, though it is stored",
      { given, stored: given, retired: [given] },
      /was rotated away/,
    ],
  ])("at %s", async (_, situation, message) => {
    const result = await choose(situation);
    expect(result.error).toBeInstanceOf(UserError);
    expect(String(result.error)).toMatch(message);
  });

  test("before anything is tested, where the key was rotated away", async () => {
    expect((await choose({ given, retired: [given] })).tested).toEqual([]);
  });
});

describe("a stored key that is not known to be ours, as in an external Vault", () => {
  test("is used unchanged, without a question", async () => {
    const { chosen, tested, asked } = await choose({ given: byHand, stored: byHand, isForeign: true });
    expect(chosen).toEqual({ key: byHand, ...version(byHand, 0) });
    expect([tested, asked]).toEqual([[], []]);
  });

  test("stays where it works, unless a person says otherwise", async () => {
    const stays = await choose({ given, stored: byHand, isForeign: true });
    expect(String(stays.error)).toContain("--replace-key");
    const replaced = await choose({ given, stored: byHand, isForeign: true, replace: true });
    expect(replaced.chosen).toMatchObject({ key: given });
  });
});
