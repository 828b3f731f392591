import { permission, permits } from "../../lib/host/user-access";

const { read, write, enter } = permission;
const alice = { uid: 1000, groups: [1000, 27, 999] };
const docker = 999;

describe("who may use what, by permissions", () => {
  test.each<[string, [number, number, number], number, boolean]>([
    ["root's own", [0, 0, 0o700], read, false],
    ["everybody's", [0, 0, 0o755], read, true],
    ["everybody's to enter alone", [0, 0, 0o711], read, false],
    ["everybody's to enter alone", [0, 0, 0o711], enter, true],
    ["a supplementary group's", [0, docker, 0o660], write, true],
    ["a supplementary group's to read", [0, docker, 0o640], write, false],
    ["another group's", [0, 998, 0o660], write, false],
    ["her own", [1000, 0, 0o600], write, true],
    ["her own, where everybody but her may", [1000, 0, 0o066], read, false],
    ["her group's, where everybody but the group may", [0, docker, 0o606], read, false],
    ["a rootless engine's of another user", [1001, 1001, 0o600], write, false],
  ])("%s %j", (_, [uid, gid, mode], wanted, expected) => {
    expect(permits({ uid, gid, mode }, alice, wanted)).toBe(expected);
  });

  test("root may use everything", () => {
    expect(permits({ uid: 1000, gid: 1000, mode: 0o600 }, { uid: 0, groups: [0] }, read)).toBe(true);
  });
});
