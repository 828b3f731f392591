import {
  doCopiesStay,
  previousDataOf,
  type ReplacingRecord,
} from "../../../lib/store/records/replacing-record";

const record: ReplacingRecord = {
  command: "restore",
  backup: "/backup.tar",
  since: "2026-01-01T00:00:00Z",
  stage: "replaced",
  hadData: true,
};

describe("a replacement after one that did not end", () => {
  test.each<[string, Partial<ReplacingRecord>, boolean, boolean]>([
    ["copies data that nobody changed yet", { stage: "copying" }, false, false],
    ["keeps the copies while the data may be incomplete", { stage: "copied" }, false, true],
    ["keeps them also where there were no data before", { stage: "copied", hadData: false }, false, true],
    ["keeps them while nobody can open the new data", {}, false, true],
    ["copies the new data that can be opened: work went on with them", {}, true, false],
    ["copies the new data where there were none before", { hadData: false }, false, false],
  ])("%s", (_, change, isBackedUp, stay) => {
    expect(doCopiesStay({ ...record, ...change }, isBackedUp)).toBe(stay);
  });
});

test("what an undone restore brings back is named by its time and by what replaced it", () => {
  expect(previousDataOf(record)).toBe("Vault's data of 2026-01-01 00:00 UTC, from before `restore`");
});
