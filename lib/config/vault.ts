import { z } from "zod";
import { isHostAddress, isPrivateAddress } from "../core/network/private-address";
import {
  apiUrl,
  containerName,
  count,
  group,
  hostFile,
  oneWord,
  port,
  rule,
  serverUrls,
  text,
  vaultUrl,
} from "./options";

const sealTypes = ["shamir", "transit", "awskms", "azurekeyvault", "gcpckms"] as const;
export type SealType = (typeof sealTypes)[number];

/** The options of one seal. Those without a default have to be given, once the group is. */
const seal = <T extends z.core.$ZodLooseShape>(
  description: string,
  options: T,
  withRule = (seal: z.ZodObject<T, z.core.$strict>) => seal,
) => withRule(z.strictObject(options)).optional().describe(`${description} Default: none.`);

const required = <T extends z.ZodType>(type: SealType, option: T, sentence: string) =>
  option.describe(`${sentence} Default: none, it belongs to \`${type}\`.`);

const transit = seal("Another Vault's transit engine.", {
  address: required("transit", vaultUrl(), "Another Vault's address, as the container reaches it."),
  tokenFile: required(
    "transit",
    hostFile(),
    "A periodic token that can encrypt and decrypt with the key; Vault renews it.",
  ),
  keyName: oneWord().describe("The name of the key in its transit engine. Default: `autounseal`.").optional(),
  mountPath: oneWord("a path such as `transit/`")
    .describe("The mount path of its transit engine. Default: `transit/`.")
    .optional(),
  namespace: oneWord().describe("Its namespace, in Vault Enterprise. Default: none.").optional(),
  caFile: hostFile()
    .describe("The CA certificates that verify it, PEM. Default: the certificate authorities of the image.")
    .optional(),
});

const awskms = seal("AWS KMS.", {
  region: required("awskms", oneWord(), "The key's region."),
  keyId: required("awskms", oneWord(), "Id, ARN or alias of the key."),
  endpoint: z
    .url({ protocol: /^https$/, error: "an https URL" })
    .optional()
    .describe("Address of KMS. Default: AWS's own for the region."),
  credentialsFile: hostFile()
    .describe("Credentials in the form of `~/.aws/credentials`. Default: those of the machine's own role.")
    .optional(),
  profile: oneWord().describe("The profile in that file. Default: `default`.").optional(),
});

const azurekeyvault = seal(
  "Azure Key Vault.",
  {
    tenantId: required("azurekeyvault", oneWord(), "The tenant's id."),
    vaultName: required("azurekeyvault", oneWord(), "Name of the key vault."),
    keyName: required("azurekeyvault", oneWord(), "Name of the key in it."),
    clientId: oneWord().describe("The client's id. Default: the machine's managed identity.").optional(),
    clientSecretFile: hostFile()
      .describe("The client's secret. Default: the machine's managed identity.")
      .optional(),
  },
  (seal) =>
    seal.refine((azure) => (azure?.clientId === undefined) === (azure?.clientSecretFile === undefined), {
      path: ["clientSecretFile"],
      error: "both `clientId` and `clientSecretFile`, or neither",
    }),
);

const gcpckms = seal("Google Cloud KMS.", {
  project: required("gcpckms", oneWord(), "The project."),
  region: required("gcpckms", oneWord(), "The key ring's location."),
  keyRing: required("gcpckms", oneWord(), "The key ring."),
  cryptoKey: required("gcpckms", oneWord(), "The key in it."),
  credentialsFile: hostFile()
    .describe("A service account's key, JSON. Default: the machine's own service account.")
    .optional(),
});

/** The seal of Vault. Credentials are named by files on the host; no declaration holds their content. */
const sealSettings = z
  .strictObject({
    type: z
      .enum(sealTypes)
      .default("shamir")
      .describe(
        "The seal of Vault: people's shares (`shamir`), or a service with which Vault unseals itself. A change is a migration: `openclaw-openrouter vault migrate-seal` (docs/moving-the-shares.md).",
      ),
    transit,
    awskms,
    azurekeyvault,
    gcpckms,
  })
  .superRefine((seal, context) => {
    for (const type of sealTypes) {
      if (type === "shamir") continue;
      const isNamed = seal?.[type] !== undefined;
      if ((seal?.type === type) === isNamed) continue;
      const message = isNamed
        ? `no such options, unless \`type\` is ${type}`
        : `its options, since \`type\` is ${type}`;
      context.addIssue({ code: "custom", path: [type], message });
    }
  })
  .prefault({})
  .describe("The seal of Vault.");

export type SealSettings = z.output<typeof sealSettings>;

const tlsFile = (sentence: string) => hostFile().describe(`${sentence} Default: none, it belongs to TLS.`);

const privateForm = "a private IP address: 10.…, 172.16.… to 172.31.…, 192.168.…, 100.64.… or fc00::/7";

const hostNameForm = /^(?!.*\.$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.|$))+$/i;

const ownCertificate =
  "no such option, unless `vault.listen` names an address, and `vault.tls` certificate files of your own";

/** The instance's own CA certifies private addresses alone. */
function hasOwnCertificate({ listen, tls }: { listen?: unknown; tls?: unknown }): boolean {
  return listen !== undefined && typeof tls === "object";
}

/** Whether an address ends in the path of the API or of the web interface, which begins behind the address. */
function hasApiPath(address: unknown): boolean {
  return [address].flat().some((url) => /\/(v1|ui)(\/vault\/.*)?$/.test(String(url)));
}

/** The Vault server: one of the instance's own, or an external one. */
export const vaultSettings = () =>
  group(
    "The Vault server.",
    {
      address: z
        .union([apiUrl(), serverUrls()], {
          error:
            "an https URL that does not end in `/`, or a list of those of a cluster's servers, each once",
        })
        .optional()
        .describe(
          "Use the external Vault at this address, or the cluster with servers at these (docs/external-vault.md). Default: none, the instance has its own Vault.",
        ),
      namespace: text(
        /^[\w.~-]+(\/[\w.~-]+)*$/,
        "a namespace such as `admin` or `admin/team`, without a slash at its ends",
      )
        .optional()
        .describe(
          "The namespace of the Vault at `vault.address` that holds the secret (Vault Enterprise and HCP). Default: none, the root namespace.",
        ),
      caFile: hostFile()
        .optional()
        .describe(
          "The CA certificates that verify the Vault at `vault.address`, PEM. Default: the certificate authorities that Node knows.",
        ),
      container: containerName()
        .optional()
        .describe(
          "Name of the Vault container. Default: `vault` (guide 2.7), for other instances `vault-<instance>`; with `vault.address` none.",
        ),
      port: port().default(8200).describe("Port on 127.0.0.1 at which Vault answers."),
      listen: z
        .string()
        .refine(isHostAddress, { error: privateForm })
        .optional()
        .describe(
          "A private address of this host, such as `10.0.0.5`, at which joined hosts reach Vault too, on the same port (docs/many-hosts.md). Default: none, 127.0.0.1 alone.",
        ),
      listenName: text(hostNameForm, "a host's name such as `vault.example.com`")
        .optional()
        .describe(
          "The name by which joined hosts reach `vault.listen`; it is in the certificate of `vault.tls`. Default: none, its address.",
        ),
      listenPublic: z
        .boolean()
        .default(false)
        .describe(
          "Let `vault.listen` be a public address: everybody reaches Vault's port then, unless a firewall keeps them out. It needs certificate files of your own in `vault.tls`.",
        ),
      image: text(/^[^\s:/@][^\s]*$/, "an image such as `hashicorp/vault:1.21.2`")
        .default("hashicorp/vault:1.21.2")
        .describe(
          "Vault's image. If no registry has it, the bundle's own build of the same version is used.",
        ),
      memoryMegabytes: z
        .int()
        .min(128)
        .default(512)
        .describe("Memory limit of the container, in MiB, with no swap beyond it."),
      ui: z.boolean().default(true).describe("Serve Vault's web interface on the same port (guide 2.7)."),
      telemetry: z
        .boolean()
        .default(false)
        .describe("Keep metrics for Prometheus at `/v1/sys/metrics`, which needs a token."),
      shares: count()
        .max(255)
        .default(5)
        .describe("The number of unseal key shares that initialization creates."),
      threshold: count()
        .max(255)
        .default(3)
        .describe("The number of shares that unseal Vault: at least 2 if there are several shares."),
      seal: sealSettings,
      tls: z
        .union([
          z.literal(false),
          z.strictObject({
            certificateFile: tlsFile(
              "The certificate that Vault serves, PEM, with its intermediates; it names 127.0.0.1 as an IP address.",
            ),
            keyFile: tlsFile("Its private key, PEM, without a passphrase."),
            caFile: tlsFile(
              "The CA certificates that verify it, PEM, or the certificate itself if it is self-signed.",
            ),
          }),
        ])
        .optional()
        .describe(
          "The files to serve TLS with, or false for plain HTTP on the loopback (docs/tls.md). Default: the instance's own CA, and a certificate that it issues and renews.",
        ),
      closeLoopback: z
        .boolean()
        .default(false)
        .describe(
          "On engines before 28, drop packets from other hosts of the segment to ports of 127.0.0.1 with an iptables rule (needs root, or sudo without a password).",
        ),
    },
    (group) =>
      group
        .refine(
          (vault) => !(vault?.threshold > vault?.shares),
          rule(["threshold"], "not more than `vault.shares`"),
        )
        .refine(
          (vault) => !(vault?.shares > 1 && vault?.threshold === 1),
          rule(["threshold"], "at least 2, since `vault.shares` is more than 1"),
        )
        .refine(
          (vault) => vault?.listen === undefined || (vault?.tls !== false && vault?.address === undefined),
          rule(["listen"], "no such option with `vault.address` or without TLS"),
        )
        .refine(
          (vault) => !hasApiPath(vault?.address),
          rule(["address"], "the address alone, without `/v1` or `/ui`"),
        )
        .refine(
          (vault) =>
            vault?.listen === undefined ||
            !isHostAddress(vault.listen) ||
            isPrivateAddress(vault.listen) ||
            vault.listenPublic,
          rule(["listen"], `${privateForm}; or \`vault.listenPublic\``),
        )
        .refine(
          (vault) => !vault?.listenPublic || hasOwnCertificate(vault),
          rule(["listenPublic"], ownCertificate),
        )
        .refine(
          (vault) => vault?.listenName === undefined || hasOwnCertificate(vault),
          rule(["listenName"], ownCertificate),
        )
        .refine(
          (vault) => vault?.namespace === undefined || vault?.address !== undefined,
          rule(["namespace"], "no such option, unless `vault.address` names an external Vault"),
        )
        .refine(
          (vault) => vault?.caFile === undefined || String(vault?.address).startsWith("https:"),
          rule(["caFile"], "no such option, unless `vault.address` begins with https:"),
        ),
  );
