import { z } from "zod";

/** The answers of Vault, by API page, with only the fields that this program reads. */

/** GET sys/seal-status */
export const sealStatus = z.object({
  type: z.string(),
  initialized: z.boolean(),
  sealed: z.boolean(),
  t: z.int(),
  n: z.int(),
  progress: z.int(),
  /** Whether Vault was started with another seal than its own, and waits for shares to migrate to it. */
  migration: z.boolean().optional(),
  version: z.string(),
  cluster_id: z.string().optional(),
  storage_type: z.string().optional(),
});
export type SealStatus = z.output<typeof sealStatus>;

/** GET sys/seal-backend-status, since Vault 1.16: what a seal's service said when Vault tried it last. */
export const sealHealth = z.object({
  healthy: z.boolean(),
  /** In Go's form, not ISO 8601. */
  unhealthy_since: z.string().optional(),
});

/** PUT sys/init */
export const initAnswer = z.object({
  keys_base64: z.array(z.string()),
  /** Set if Vault has auto-unseal. */
  recovery_keys_base64: z.array(z.string()).nullish(),
  root_token: z.string().min(1),
});

/** POST auth/approle/login */
export const loginAnswer = z.object({ auth: z.object({ client_token: z.string().regex(/^[!-~]+$/) }) });
/** The same, where somebody enforces a second factor. */
export const secondFactorAnswer = z.object({ auth: z.object({ mfa_requirement: z.object({}) }) });

/** GET auth/approle/role/<role>/role-id, POST …/secret-id, LIST …/secret-id */
export const roleIdAnswer = z.object({ data: z.object({ role_id: z.string().min(1) }) });
export const secretIdAnswer = z.object({ data: z.object({ secret_id: z.string().min(1) }) });
export const keysAnswer = z.object({ data: z.object({ keys: z.array(z.string()) }) });

const mount = z.object({
  type: z.string(),
  accessor: z.string(),
  description: z.string().default(""),
  options: z.record(z.string(), z.string()).nullish(),
  config: z.record(z.string(), z.unknown()).default({}),
});
export type Mount = z.output<typeof mount>;

/** GET sys/mounts, GET sys/auth */
export const mountsAnswer = z.object({ data: z.record(z.string(), mount) });

/** GET sys/policies/acl/<name> */
export const policyAnswer = z.object({ data: z.object({ policy: z.string() }) });

/** POST sys/capabilities-self */
export const capabilitiesAnswer = z.object({ data: z.record(z.string(), z.array(z.string())) });

/** GET secret/metadata/<path> */
export const secretMetadata = z.object({ data: z.object({ current_version: z.int() }) });

/** GET secret/data/<path>: a deleted version has `data: null`. */
export const secretAnswer = z.object({
  data: z.object({
    data: z.record(z.string(), z.unknown()).nullable(),
    metadata: z.object({
      version: z.int(),
      created_time: z.string(),
      deletion_time: z.string(),
      destroyed: z.boolean(),
    }),
  }),
});

/** PUT sys/generate-root/attempt and …/update */
export const generateRootAnswer = z.object({
  nonce: z.string(),
  /** The number of shares given so far, and the number required. */
  progress: z.int().optional(),
  required: z.int().optional(),
  otp: z.string().optional(),
  complete: z.boolean(),
  encoded_token: z.string().optional(),
  /** Set if the token is encrypted with that key. */
  pgp_fingerprint: z.string().optional(),
});

/** GET sys/generate-root/attempt */
export const rootGenerationStatus = z.object({ started: z.boolean(), progress: z.int(), required: z.int() });

/** GET and PUT sys/rekey/init */
export const rekeyStatus = z.object({
  started: z.boolean(),
  nonce: z.string(),
  /** The number of active shares given so far, and the number required. */
  progress: z.int().default(0),
  required: z.int().optional(),
  /** The threshold and the number of the new shares. */
  t: z.int().optional(),
  n: z.int().optional(),
  verification_required: z.boolean().optional(),
  pgp_fingerprints: z.array(z.string()).nullish(),
  verification_nonce: z.string().optional(),
});

/** PUT sys/rekey/update */
export const rekeyUpdateAnswer = z.object({
  complete: z.boolean().optional(),
  progress: z.int().optional(),
  keys_base64: z.array(z.string()).nullish(),
});

/** PUT sys/rekey/verify: `complete` is missing until enough shares are given. */
export const rekeyVerifyAnswer = z
  .object({ complete: z.boolean().optional(), progress: z.int().optional() })
  .nullish();

/** Any answer, or none: it is not read. */
export const anything = z.unknown();
