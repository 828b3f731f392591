import { z } from "zod";
import type { SealSettings, SealType } from "../../config/vault";
import { jsonText } from "../../core/text";

/**
 * The folder of the seal's configuration on the container's home volume. The file holds credentials, so it has mode 0600 and is
 * not in the environment.
 */
export const sealFolder = "seal";
export const sealConfigFile = "/home/vault/seal/seal.json";

/** A seal with which Vault unseals itself, as in Vault's configuration but without its credentials. */
export interface SealDeclaration {
  readonly type: Exclude<SealType, "shamir">;
  /** By Vault's names. They are in the synthesized JSON and in state: a credential is refused. */
  readonly options: Readonly<Record<string, string>>;
  /** Vault's name of an option → a file on the host whose content is its value. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Vault's name of an option that is a path → a file on the host that is placed there. */
  readonly files: Readonly<Record<string, string>>;
}

/** The seal of the settings. Undefined if people's shares unseal Vault. */
export function sealOf({
  type,
  transit,
  awskms,
  azurekeyvault,
  gcpckms,
}: SealSettings): SealDeclaration | undefined {
  if (type === "transit" && transit) {
    const { address, keyName = "autounseal", mountPath = "transit/", namespace, caFile, tokenFile } = transit;
    return declaration(type, {
      options: { address, key_name: keyName, mount_path: mountPath, namespace },
      secrets: { token: tokenFile },
      files: { tls_ca_cert: caFile },
    });
  }
  if (type === "awskms" && awskms) {
    const { region, keyId, endpoint, credentialsFile, profile = "default" } = awskms;
    return declaration(type, {
      options: {
        region,
        kms_key_id: keyId,
        endpoint,
        shared_creds_profile: credentialsFile && profile,
      },
      files: { shared_creds_filename: credentialsFile },
    });
  }
  if (type === "azurekeyvault" && azurekeyvault) {
    const { tenantId, vaultName, keyName, clientId, clientSecretFile } = azurekeyvault;
    return declaration(type, {
      options: { tenant_id: tenantId, vault_name: vaultName, key_name: keyName, client_id: clientId },
      secrets: { client_secret: clientSecretFile },
    });
  }
  if (type === "gcpckms" && gcpckms) {
    const { project, region, keyRing, cryptoKey, credentialsFile } = gcpckms;
    return declaration(type, {
      options: { project, region, key_ring: keyRing, crypto_key: cryptoKey },
      files: { credentials: credentialsFile },
    });
  }
  return undefined;
}

type Values = Readonly<Record<string, string | undefined>>;

function declaration(
  type: SealDeclaration["type"],
  { options, secrets = {}, files = {} }: { options: Values; secrets?: Values; files?: Values },
): SealDeclaration {
  return { type, options: given(options), secrets: given(secrets), files: given(files) };
}

function given(values: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}

/** The path of a seal's file in the container. */
export function sealFileInContainer(option: string): string {
  return `/home/vault/${sealFolder}/${option}`;
}

/** Renders Vault's configuration of a seal. */
export function sealConfig(type: string, options: Readonly<Record<string, string>>): string {
  return jsonText({ seal: [{ [type]: options }] });
}

const sealConfigShape = z.object({
  seal: z.tuple([z.record(z.string(), z.record(z.string(), z.string()))]),
});

/** Renders the configuration with the seal disabled, with which Vault starts a migration away from it. */
export function disabledSealConfig(config: string): string {
  const [type, options] = Object.entries(sealConfigShape.parse(JSON.parse(config)).seal[0])[0]!;
  return sealConfig(type, { ...options, disabled: "true" });
}

/** The arguments of the container's program. */
export function serverCommand(seal: object | undefined): string[] {
  return ["server", ...(seal ? [`-config=${sealConfigFile}`] : [])];
}

/** Whether a container runs with a seal's configuration. */
export function unsealsItself(command: readonly string[] | null | undefined): boolean {
  return command?.includes(`-config=${sealConfigFile}`) ?? false;
}
