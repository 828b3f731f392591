import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Platform } from "../core/system/platform";

export type PartName = "provider-docker" | "provider-vault" | "provider-local" | "vault" | "opentofu";

/** One program of the bundle: a Go module `bundle/<name>` and its build. */
interface BundlePart {
  readonly version: string;
  /** The name of the binary. */
  readonly file: string;
  /** The package that `go build` builds. */
  readonly package: string;
  readonly tags?: string;
  /** The linker's `-X`: variables that tell the program its version. */
  readonly define?: string;
  /** The peak memory of its build, in MiB. */
  readonly peakMegabytes: number;
  /** The processor time of its build from an empty cache, in seconds: the longest build starts first. */
  readonly cpuSeconds: number;
}

export const bundleParts: Readonly<Record<PartName, BundlePart>> = {
  vault: {
    version: "1.21.2",
    file: "vault",
    package: ".",
    tags: "minimal",
    peakMegabytes: 3600,
    cpuSeconds: 460,
  },
  opentofu: {
    version: "1.12.6",
    file: "tofu",
    package: "github.com/opentofu/opentofu/cmd/tofu",
    define: "github.com/opentofu/opentofu/version.dev=no",
    peakMegabytes: 1500,
    cpuSeconds: 310,
  },
  "provider-docker": {
    version: "4.6.0",
    file: "terraform-provider-docker_v4.6.0",
    package: "github.com/terraform-providers/terraform-provider-docker",
    define: "main.version=4.6.0",
    peakMegabytes: 1000,
    cpuSeconds: 230,
  },
  "provider-vault": {
    version: "5.9.0",
    file: "terraform-provider-vault_v5.9.0",
    package: "github.com/hashicorp/terraform-provider-vault",
    peakMegabytes: 850,
    cpuSeconds: 110,
  },
  "provider-local": {
    version: "2.9.0",
    file: "terraform-provider-local_v2.9.0_x5",
    package: "github.com/terraform-providers/terraform-provider-local",
    peakMegabytes: 260,
    cpuSeconds: 30,
  },
};

export const partNames = Object.keys(bundleParts) as PartName[];

/** The oldest Go that builds every part. */
export const goVersion = "1.26.6";

/** The arguments of `go build` without the output. Debugging information would take a third of the time. */
export function buildArguments(part: BundlePart): string[] {
  return [
    "build",
    "-trimpath",
    ...(part.tags ? ["-tags", part.tags] : []),
    "-gcflags=all=-dwarf=false",
    "-ldflags",
    `-s -w${part.define ? ` -X ${part.define}` : ""}`,
  ];
}

/** The environment of a build: it overrides all variables that would change a binary, GOFLAGS included. */
export function buildEnvironment(platform: Platform): Record<string, string> {
  return {
    CGO_ENABLED: "0",
    GO111MODULE: "on",
    GOARCH: platform.arch,
    // No stamp of this checkout's commit: it would change the binary with every commit, and require Git.
    GOFLAGS: "-mod=readonly -buildvcs=false",
    GOOS: platform.os,
    GOWORK: "off",
  };
}

/** The folder name of a part: its name, its version and a digest of everything that affects the build. */
export function partKey(sources: string, name: PartName, platform: Platform): string {
  const part = bundleParts[name];
  const hash = createHash("sha256");
  hash.update(JSON.stringify([buildArguments(part), part.package, part.file, buildEnvironment(platform)]));
  const folder = join(sources, name);
  for (const file of readdirSync(folder).sort()) {
    if (!/^go\.(mod|sum)$|\.go$/.test(file)) continue;
    hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)));
  }
  return `${name}-${part.version}-${platform.arch}-${hash.digest("hex").slice(0, 12)}`;
}
