import { hostRecord, imageReference } from "../../../lib/store/records/host-record";
import { homeOf } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const image = { wanted: "hashicorp/vault:1.21.2", reference: "openclaw-openrouter/vault:1.21.2" };

test("what the host was found to have reads back", () => {
  const home = homeOf(scratchFolder());
  expect(hostRecord.read(home)).toBeUndefined();
  hostRecord.write(home, { engineId: "E", image });
  expect(hostRecord.read(home)).toEqual({ engineId: "E", image });
});

test.each([
  ["the image as the engine has it", { image }, image.wanted, image.reference],
  ["another image than the recorded one", { image }, "hashicorp/vault:1.22.0", "hashicorp/vault:1.22.0"],
  ["no record", undefined, image.wanted, image.wanted],
  ["a record without an image", {}, image.wanted, image.wanted],
])("%s", (_, record, wanted, expected) => {
  expect(imageReference(record, wanted)).toBe(expected);
});
