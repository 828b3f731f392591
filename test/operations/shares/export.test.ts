import { recordExport, sharesRecordOf } from "../../../lib/operations/shares/export";
import { sharesRecord } from "../../../lib/store/records/shares-record";
import { homeOf } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const shares = { shares: ["a", "b", "c"], threshold: 2, generation: 3, created: "2026-11-23T10:00:00.000Z" };
const facts = { generation: 3, shares: 3, threshold: 2, created: shares.created };

test("an export is recorded with its holders", () => {
  const home = homeOf(scratchFolder());
  const record = recordExport(home, shares, ["ann", "ben"]);
  expect(record).toMatchObject({ ...facts, holders: ["ann", "ben"], exported: expect.any(String) });
  expect(sharesRecord.read(home)).toEqual(record);
});

test("without names, the record of the same generation has the holders and the time of the export", () => {
  const home = homeOf(scratchFolder());
  const { exported } = recordExport(home, shares, ["ann", "ben"]);
  expect(sharesRecordOf(home, shares, [])).toEqual({ ...facts, holders: ["ann", "ben"], exported });
  expect(sharesRecordOf(home, shares, ["eve"])).toEqual({ ...facts, holders: ["eve"], exported });
});

test("the record of another generation says nothing about these shares", () => {
  const home = homeOf(scratchFolder());
  recordExport(home, { ...shares, generation: 2 }, ["ann", "ben"]);
  expect(sharesRecordOf(home, shares, [])).toEqual({ ...facts, holders: [] });
});
