import { z } from "zod";
import { isPlainHttp } from "../core/loopback";

const words = (form: string) => z.string({ error: form }).regex(/^\S+$/, { error: form });

const file = (sentence: string) =>
  z
    .string({ error: "a file's absolute path, written out (no `~`)" })
    .regex(/^\/(?!\/*$)/, { error: "a file's absolute path, written out (no `~`)" })
    .describe(sentence);

const name = (sentence: string) => words("a name without blanks").describe(sentence);

/** The token that decrypts Vault's key is sent to this address. */
const transitAddress = () => {
  const form = "an https URL without a path (http is for 127.0.0.1, localhost and [::1] only)";
  return z
    .url({ error: form })
    .refine((url) => /^https?:\/\/[^/]+$/.test(url) && !isPlainHttp(url), { error: form });
};

const ofTransit = "Default: none, it belongs to `transit`.";
const ofAws = "Default: none, it belongs to `awskms`.";
const ofAzure = "Default: none, it belongs to `azurekeyvault`.";
const ofGcp = "Default: none, it belongs to `gcpckms`.";

export const sealTypes = ["shamir", "transit", "awskms", "azurekeyvault", "gcpckms"] as const;
export type SealType = (typeof sealTypes)[number];

/** The seal of Vault. Credentials are named by files on the host; no declaration holds their content. */
export const sealSettings = z
  .strictObject({
    type: z
      .enum(sealTypes)
      .default("shamir")
      .describe(
        "The seal of Vault: people's shares (`shamir`), or a service with which Vault unseals itself. A change is a migration: `openclaw-openrouter vault migrate-seal` (docs/moving-the-shares.md).",
      ),
    transit: z
      .strictObject({
        address: transitAddress().describe(
          `Another Vault's address, as the container reaches it. ${ofTransit}`,
        ),
        tokenFile: file(
          `A periodic token that can encrypt and decrypt with the key; Vault renews it. ${ofTransit}`,
        ),
        keyName: name("The name of the key in its transit engine. Default: `autounseal`.").optional(),
        mountPath: words("a path such as `transit/`")
          .describe("The mount path of its transit engine. Default: `transit/`.")
          .optional(),
        namespace: name("Its namespace, in Vault Enterprise. Default: none.").optional(),
        caFile: file(
          "The CA certificates that verify it, PEM. Default: the certificate authorities of the image.",
        ).optional(),
      })
      .optional()
      .describe("Another Vault's transit engine. Default: none."),
    awskms: z
      .strictObject({
        region: name(`The key's region. ${ofAws}`),
        keyId: name(`Id, ARN or alias of the key. ${ofAws}`),
        endpoint: z
          .url({ protocol: /^https$/, error: "an https URL" })
          .optional()
          .describe("Address of KMS. Default: AWS's own for the region."),
        credentialsFile: file(
          "Credentials in the form of `~/.aws/credentials`. Default: those of the machine's own role.",
        ).optional(),
        profile: name("The profile in that file. Default: `default`.").optional(),
      })
      .optional()
      .describe("AWS KMS. Default: none."),
    azurekeyvault: z
      .strictObject({
        tenantId: name(`The tenant's id. ${ofAzure}`),
        vaultName: name(`Name of the key vault. ${ofAzure}`),
        keyName: name(`Name of the key in it. ${ofAzure}`),
        clientId: name("The client's id. Default: the machine's managed identity.").optional(),
        clientSecretFile: file("The client's secret. Default: the machine's managed identity.").optional(),
      })
      .refine((azure) => (azure?.clientId === undefined) === (azure?.clientSecretFile === undefined), {
        path: ["clientSecretFile"],
        error: "both `clientId` and `clientSecretFile`, or neither",
      })
      .optional()
      .describe("Azure Key Vault. Default: none."),
    gcpckms: z
      .strictObject({
        project: name(`The project. ${ofGcp}`),
        region: name(`The key ring's location. ${ofGcp}`),
        keyRing: name(`The key ring. ${ofGcp}`),
        cryptoKey: name(`The key in it. ${ofGcp}`),
        credentialsFile: file(
          "A service account's key, JSON. Default: the machine's own service account.",
        ).optional(),
      })
      .optional()
      .describe("Google Cloud KMS. Default: none."),
  })
  .superRefine((seal, context) => {
    for (const type of sealTypes) {
      if (type === "shamir") continue;
      const isNamed = seal?.[type] !== undefined;
      if (seal?.type === type && !isNamed)
        context.addIssue({ code: "custom", path: [type], message: `its options, since \`type\` is ${type}` });
      if (seal?.type !== type && isNamed)
        context.addIssue({
          code: "custom",
          path: [type],
          message: `no such options, unless \`type\` is ${type}`,
        });
    }
  })
  .prefault({})
  .describe("The seal of Vault.");

export type SealSettings = z.output<typeof sealSettings>;
