import { hostPlatform } from "../../../lib/core/system/platform";
import { compareVersions } from "../../../lib/core/version";
import { failure } from "../../host/support";

test("Linux on amd64 and arm64 is supported, by Go's names", () => {
  expect(hostPlatform("linux", "x64")).toEqual({ os: "linux", arch: "amd64" });
  expect(hostPlatform("linux", "arm64")).toEqual({ os: "linux", arch: "arm64" });
});

test.each([
  ["darwin", "arm64"],
  ["win32", "x64"],
  ["linux", "riscv64"],
])("%s on %s is refused by name", async (os, cpu) => {
  expect(await failure(() => hostPlatform(os, cpu))).toContain(`${os}/${cpu}`);
});

test.each([
  ["1.11.0", "1.11.0", 0],
  ["1.9.8", "1.11.0", -1],
  ["1.11.0-rc1", "1.11.0", -1],
  ["1.12.6", "1.11.4", 1],
  ["20.10.24+dfsg1", "28.0.0", -1],
  ["28.0.0", "28.0.0", 0],
  ["1.26", "1.26.0", 0],
  ["1.26rc1", "1.26.0", -1],
])("%s against %s", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
