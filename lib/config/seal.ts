import { z } from "zod";
import { hostFile, oneWord, vaultUrl } from "./options";

export const sealTypes = ["shamir", "transit", "awskms", "azurekeyvault", "gcpckms"] as const;
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
export const sealSettings = z
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
