import { UserError } from "../errors";

/** The supported platforms, by Go's names. */
export interface Platform {
  readonly os: "linux";
  readonly arch: "amd64" | "arm64";
}

const architectures: Readonly<Record<string, Platform["arch"]>> = { x64: "amd64", arm64: "arm64" };

/** The platform of this host. @throws UserError on anything except Linux on amd64 or arm64 */
export function hostPlatform(os: string = process.platform, cpu: string = process.arch): Platform {
  const arch = architectures[cpu];
  if (os !== "linux" || !arch) {
    throw new UserError({
      problem: `This platform is not supported: ${os} on ${cpu}.`,
      got: `${os}/${cpu}`,
      expected: "Linux on amd64 (x64) or arm64",
      fix: "Run it on the Linux host itself, or in a Linux virtual machine.",
    });
  }
  return { os, arch };
}
