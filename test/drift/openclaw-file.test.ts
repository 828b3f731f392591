import type { Stats } from "node:fs";
import { withoutOthers } from "../../lib/drift/openclaw-file";

/** The expected mode of what a user has, of a group that may write to it. */
function expected(account: { uid: number; gid: number }, gid: number, mode = 0o775): string {
  return withoutOthers({ gid, mode } as Stats, { name: "alice", home: "/home/alice", ...account }).toString(
    8,
  );
}

test("a user's own group may write, and no other", () => {
  expect(expected({ uid: 4321, gid: 4321 }, 4321)).toBe("775");
  expect(expected({ uid: 4321, gid: 4321 }, 4322)).toBe("755");
  expect(expected({ uid: 0, gid: 0 }, 0)).toBe("775");
  expect(expected({ uid: 4321, gid: 4321 }, 4321, 0o666)).toBe("664");
});

test("a first group that others have too, as `users` is on some systems, is no own one", () => {
  expect(expected({ uid: 4321, gid: 100 }, 100)).toBe("755");
});
