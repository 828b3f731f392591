import { UserError } from "../../core/errors";

/** The program in an image, as the program reports it. */
export interface ImageProgram {
  readonly product: "Vault" | "OpenBao";
  /** For example `1.21.2`. */
  readonly version: string;
}

/** The first version that requires a token for generate-root and rekey, which this program calls without one. */
const firstUnsupported = 2;

/** The line of `vault version` or `bao version`; terminal colours can precede it. */
const versionLine = /^[^\S\n]*(?:\[[\d;]*m[^\S\n]*)*(Vault|OpenBao) v?(\d+\.\d+\.\d+[^\s,]*)/m;

/** Parses the output of `vault version` and `bao version`. */
export function parseProgram(said: string): ImageProgram | undefined {
  const [, product, version] = versionLine.exec(said) ?? [];
  return version === undefined ? undefined : { product: product as ImageProgram["product"], version };
}

/** The program according to an image's labels, if they are about Vault: other labels come from its base image. */
export function programOfLabels(labels: Readonly<Record<string, string>> = {}): ImageProgram | undefined {
  const title = labels["org.opencontainers.image.title"] ?? "";
  const version =
    labels.name === "Vault" && labels.vendor === "HashiCorp"
      ? labels.version
      : /(^|\/)vault$/i.test(title)
        ? labels["org.opencontainers.image.version"]
        : undefined;
  return version && /^v?\d+\.\d+\.\d+/.test(version)
    ? { product: "Vault", version: version.replace(/^v/, "") }
    : undefined;
}

/**
 * Requires a version that still allows generate-root and rekey without a token, which an instance's own Vault needs. An
 * external Vault can have any version: these calls are not made there.
 * @param source the image, or the place where it runs
 * @throws UserError if it is OpenBao, or Vault 2 or newer
 */
export function requireSupported({ product, version }: ImageProgram, source: string): void {
  if (product === "Vault" && Number(version.split(".")[0]) < firstUnsupported) return;
  throw new UserError({
    problem:
      product === "OpenBao"
        ? "OpenBao is not supported as an instance's own Vault: this program is not tested with it."
        : "Vault 2 and newer are not supported as an instance's own: they require a token for generate-root and rekey, which this program calls without one.",
    got: `${product} ${version} in ${source}`,
    expected: "HashiCorp's Vault, 1.x",
    fix: "Name another image by `vault.image` in the settings: hashicorp/vault:1.21.2, or another of 1.21. To use an external Vault of any version, set `vault.address` (docs/external-vault.md).",
  });
}

/** A vulnerability with which anybody who reaches the port can block generate-root and rekey. */
const endless = "CVE-2026-5807";

/**
 * A warning about this vulnerability, for a Vault whose port other hosts can reach; undefined if the version does not have it.
 */
export function endlessWarning(version: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.+-]/).map(Number);
  if (major > 1 || (major === 1 && (minor > 21 || (minor === 21 && patch > 4)))) return undefined;
  return (
    `Vault ${version} has ${endless}: whoever reaches its port, which is open to the network segment here, can keep ` +
    "generate-root and rekey from ever ending. Name an image of Vault 1.21 newer than 1.21.4 by `vault.image` in the settings, " +
    "then: openclaw-openrouter vault upgrade"
  );
}
