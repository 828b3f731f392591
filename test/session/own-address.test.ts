import { requireOwnAddress } from "../../lib/session/detect-vault";
import { describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";

test.each([
  ["this host's", "127.0.0.1", undefined],
  ["of another machine, as after a move", "203.0.113.7", "an address that this host does not have"],
])("the address for other hosts: %s", async (_, listen, problem) => {
  const described = describeInstance({}, { home: scratchFolder() });
  const settings = { ...described.settings, vault: { ...described.settings.vault, listen } };
  const error = await requireOwnAddress({ ...described, settings }).catch((caught: Error) => caught);
  expect(error?.message).toEqual(problem && expect.stringContaining(problem));
});
