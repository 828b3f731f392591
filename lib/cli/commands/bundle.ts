import { type Command, Option } from "commander";
import type { Platform } from "../../core/platform";
import { printJson, say } from "../output";
import { phaseRunner } from "../phases";

interface BundleOptions {
  readonly out?: string;
  readonly arch?: Platform["arch"];
  readonly json?: boolean;
}

/** `bundle`: builds, ahead of a deploy or for another host, the parts that hosts without the usual registries need. */
export function register(program: Command): void {
  program
    .command("bundle")
    .description("build providers, OpenTofu and Vault from their Go modules, for hosts without registries")
    .option(
      "--out <dir>",
      "write them, with npm packages and checksums, into a folder for a host without network",
    )
    .addOption(
      new Option("--arch <arch>", "build for this architecture (default: this host's)").choices([
        "amd64",
        "arm64",
      ]),
    )
    .option("--json", "print the result as JSON on standard output")
    .action(async ({ out, arch, json }: BundleOptions) => {
      const { buildParts } = await import("../../bundle/build-bundle");
      const { exportBundle, claimFolder } = await import("../../bundle/export-bundle");
      const { fetchImageTools } = await import("../../bundle/image-tools");
      const { openBundle } = await import("../../bundle/bundle");
      const bundle = openBundle(arch ? { arch } : {});
      const phase = phaseRunner();
      if (out !== undefined) await claimFolder(out);
      await phase("Parts", async (progress) => {
        await Promise.all([
          buildParts(bundle, undefined, { progress }),
          fetchImageTools(bundle, { progress }),
        ]);
      });
      const carried =
        out === undefined
          ? undefined
          : await phase("Copy", (progress) => exportBundle(out, bundle, { progress }));
      const result = carried ?? { folder: bundle.folder };
      if (json) printJson({ version: 1, arch: bundle.platform.arch, ...result });
      say(`The bundle for ${bundle.platform.os}/${bundle.platform.arch} is in ${result.folder}.`);
      if (carried) {
        say(
          `Another host uses it by --bundle DIR. The SHA-256 of its SHA256SUMS is\n${carried.checksum}:\n` +
            "compare it there if somebody can have changed the folder on the way.",
        );
      }
    });
}
