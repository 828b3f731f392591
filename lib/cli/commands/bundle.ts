import { defineCommand } from "../define-command";
import { jsonOption, option } from "../options/options";
import { phaseRunner } from "../phases";

/** `bundle`: builds, ahead of a deploy or for another host, the parts that hosts without the usual registries need. */
export const register = defineCommand({
  name: "bundle",
  summary: "build providers, OpenTofu and Vault from their Go modules, for hosts without registries",
  options: [
    option(
      "--out <dir>",
      "write them, with npm packages and checksums, into a folder for a host without network",
    ),
    option("--arch <arch>", "build for this architecture (default: this host's)", {
      choices: ["amd64", "arm64"],
    }),
    jsonOption,
  ],
  reads: ["OPENCLAW_OPENROUTER_CACHE"],
  run: async ({ options: { out, arch } }) => {
    const { buildParts } = await import("../../bundle/build-bundle");
    const { exportBundle, claimFolder } = await import("../../bundle/export-bundle");
    const { fetchImageTools } = await import("../../bundle/image-tools");
    const { openBundle } = await import("../../bundle/bundle");
    const bundle = openBundle(arch ? { arch } : {});
    const phase = phaseRunner();
    if (out !== undefined) await claimFolder(out);
    await phase("Parts", (progress) =>
      Promise.all([buildParts(bundle, undefined, { progress }), fetchImageTools(bundle, { progress })]),
    );
    const { platform, folder } = bundle;
    const at = (place: string) => `The bundle for ${platform.os}/${platform.arch} is in ${place}.`;
    if (out === undefined) return { json: { arch: platform.arch, folder }, text: at(folder) };
    const carried = await phase("Copy", (progress) => exportBundle(out, bundle, { progress }));
    return {
      json: { arch: platform.arch, ...carried },
      text: `${at(carried.folder)}
Another host uses it by --bundle DIR. The SHA-256 of its SHA256SUMS is
${carried.checksum}:
compare it there if somebody can have changed the folder on the way.`,
    };
  },
});
