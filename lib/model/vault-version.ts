import { UserError } from "../core/errors";

/** What an image holds, as its program says. */
export interface ImageProgram {
  readonly product: "Vault" | "OpenBao";
  /** Such as `1.21.2`. */
  readonly version: string;
}

/** The first version that wants a token for generate-root and rekey, by which a Vault of ours is opened and given new shares. */
const firstUnsupported = 2;

/** A line of `vault version` or `bao version`; a terminal's colours may come before it. */
const versionLine = /^[^\S\n]*(?:\[[\d;]*m[^\S\n]*)*(Vault|OpenBao) v?(\d+\.\d+\.\d+[^\s,]*)/m;

/** What `vault version` and `bao version` print. */
export function parseProgram(said: string): ImageProgram | undefined {
  const [, product, version] = versionLine.exec(said) ?? [];
  return version === undefined ? undefined : { product: product as ImageProgram["product"], version };
}

/**
 * What an image says by its labels. Only where these are about Vault: others come from the image that it was made from.
 */
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
 * An instance's own Vault is opened, and its identities are renewed, by calls that newer ones answer no more. An external Vault
 * may be of any version: none of these calls is made there.
 * @param source the image, or where it runs
 * @throws UserError if it is OpenBao, or Vault 2 or newer
 */
export function requireSupported({ product, version }: ImageProgram, source: string): void {
  if (product === "Vault" && Number(version.split(".")[0]) < firstUnsupported) return;
  throw new UserError({
    problem:
      product === "OpenBao"
        ? "OpenBao is not supported as an instance's own Vault: nothing of this program was tried with it."
        : "Vault 2 and newer are not supported as an instance's own: they want a token for generate-root and rekey, by which shares make identities and new shares here.",
    got: `${product} ${version} in ${source}`,
    expected: "HashiCorp's Vault, 1.x",
    fix: "Name another image by `vault.image` in the settings: hashicorp/vault:1.21.2, or another of 1.21. A Vault of any version that is run by others is used by `vault.address` (docs/external-vault.md).",
  });
}

/** A weakness by which whoever reaches the port keeps generate-root and rekey from ever ending. */
const endless = "CVE-2026-5807";

/** A warning for a Vault that has it, where others than this host's users reach its port; undefined for one that has not. */
export function endlessWarning(version: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.+-]/).map(Number);
  if (major > 1 || (major === 1 && (minor > 21 || (minor === 21 && patch > 4)))) return undefined;
  return (
    `Vault ${version} has ${endless}: whoever reaches its port, which is open to the network segment here, can keep ` +
    "generate-root and rekey from ever ending. Name an image of Vault 1.21 newer than 1.21.4 by `vault.image` in the settings, " +
    "then: openclaw-openrouter vault upgrade"
  );
}
