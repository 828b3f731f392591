import { loginGroups } from "../../../lib/core/system/login-groups";

test("the groups of a user of this host; none of a user without a name", () => {
  expect(loginGroups("root")).toContain(0);
  expect(loginGroups("uid 4711")).toEqual([]);
});
