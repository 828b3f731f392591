import {
  getDefaultAutoSelectFamilyAttemptTimeout as read,
  setDefaultAutoSelectFamilyAttemptTimeout as set,
} from "node:net";
import { waitForEachAddress } from "../../../lib/core/network/connect-time";

const before = read();
afterEach(() => set(before));

test.each([
  ["longer than Node's own", 250, 1500],
  ["as long as a person gave by NODE_OPTIONS, if that is more", 4000, 4000],
])("each address of a name has time to connect, %s", (_, own, expected) => {
  set(own);
  waitForEachAddress();
  expect(read()).toBe(expected);
});
