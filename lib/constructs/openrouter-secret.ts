import { ApproleAuthBackendRole } from "@cdktf/provider-vault/lib/approle-auth-backend-role";
import { Audit } from "@cdktf/provider-vault/lib/audit";
import { KvSecretV2 } from "@cdktf/provider-vault/lib/kv-secret-v2";
import { Mount } from "@cdktf/provider-vault/lib/mount";
import { Policy } from "@cdktf/provider-vault/lib/policy";
import { type DataResource, type ITerraformDependable, TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import { isPlainHttp } from "../core/loopback";
import { reachOf } from "../model/deployment";
import {
  externalVaultIdentities,
  type Identity,
  type IdentityName,
  identities,
  identityNames,
} from "../model/identities";
import { storeKeyResource } from "../model/openrouter-key";
import { auditDevice, secretMount } from "../model/own-vault";
import type { ExternalVaultProps } from "./external-vault";
import { encrypted, requireThat } from "./require";
import { runStep } from "./run-step";

export interface OpenRouterSecretProps {
  /** The version of the key: the provider writes only when this number changes. See `keyVersion`. 0 before any key is known. */
  readonly keyVersion: number;
  /** Increase it to write the same key again. @default 0 */
  readonly keyGeneration?: number;
  /** Set if Vault is external and can hold other data. @default the Vault is this app's own */
  readonly externalVault?: ExternalVaultProps;
}

/**
 * `secret/openrouter` with the field `api_key`, the policies and roles that can read it, and the audit device that logs each
 * access.
 *
 * This construct writes only the key. `VaultBootstrap` writes mount, audit device, policies and roles: they are imported and
 * compared here, so that a plan shows their changes, and the deployer has no right to write them. The command `vault
 * renew-identities` writes them again.
 *
 * The key arrives in the ephemeral variable `openrouter_api_key` (TF_VAR_openrouter_api_key) and is written by a write-only
 * argument: it is in neither plan nor state. Mount and secret carry `prevent_destroy`.
 *
 * In an external Vault, mounts and audit devices belong to its owner, so neither is declared. Because a write-only argument
 * replaces the whole secret, a step at run time stores the key there as one field beside the owner's fields.
 */
export class OpenRouterSecret extends Construct {
  /** Complete when the key is stored. */
  readonly secret: ITerraformDependable;

  constructor(scope: Construct, id: string, props: OpenRouterSecretProps) {
    super(scope, id);
    const generation = props.keyGeneration ?? 0;
    requireThat(
      this,
      Number.isSafeInteger(props.keyVersion),
      "keyVersion",
      props.keyVersion,
      "a whole number",
    );
    requireThat(this, generation >= 0, "keyGeneration", generation, "0 or more");

    const key = new TerraformVariable(this, "key", {
      type: "string",
      default: "",
      sensitive: true,
      description: "The OpenRouter API key, by TF_VAR_openrouter_api_key. Empty: the stored key stays.",
      validation: [
        {
          condition: `\${var.openrouter_api_key == "" || parseint(substr(sha256("${generation}:\${var.openrouter_api_key}"), 0, 12), 16) == ${props.keyVersion}}`,
          errorMessage:
            "This is not the key for which the stack was synthesized. Synthesize again with the same TF_VAR_openrouter_api_key.",
        },
      ],
    });
    key.overrideLogicalId("openrouter_api_key");
    // CDKTF has no ephemeral variables; only an ephemeral value stays out of the plan file.
    key.addOverride("ephemeral", true);

    this.secret = props.externalVault
      ? this.declareInExternal(props.externalVault, props.keyVersion, generation)
      : this.declareInOwn(props.keyVersion);
  }

  private declareInOwn(keyVersion: number): KvSecretV2 {
    const { path, type, options } = auditDevice;
    new Audit(this, "audit", { path, type, options: { ...options } }).importFrom(path);
    const mount = new Mount(this, "mount", {
      path: secretMount.path,
      type: secretMount.type,
      options: { ...secretMount.options },
      description: secretMount.description,
      lifecycle: { preventDestroy: true },
    });
    mount.importFrom(secretMount.path);
    this.declareIdentities(identities);
    return new KvSecretV2(this, "secret", {
      mount: mount.path,
      name: "openrouter",
      // Parsed only when it is written, so an empty key fails instead of being stored.
      dataJsonWo:
        '${var.openrouter_api_key == "" ? "no key" : jsonencode({ api_key = var.openrouter_api_key })}',
      dataJsonWoVersion: keyVersion,
      lifecycle: { preventDestroy: true },
    });
  }

  private declareInExternal(
    { home, place }: ExternalVaultProps,
    keyVersion: number,
    keyGeneration: number,
  ): DataResource {
    const { address, external = {} } = place;
    requireThat(this, !isPlainHttp(address), "externalVault.place.address", address, encrypted);
    // The step reads the key from Terraform's own environment: in the step's environment, the sensitive value would hide its
    // output.
    const step = runStep(this, "store-key", {
      step: "store-key",
      parameters: { home, ...reachOf(place), external, keyVersion, keyGeneration },
      triggers: [String(keyVersion)],
      dependsOn: this.declareIdentities(externalVaultIdentities),
    });
    step.overrideLogicalId(storeKeyResource);
    return step;
  }

  private declareIdentities(declared: Record<IdentityName, Identity>): ITerraformDependable[] {
    return identityNames.map((name) => this.declareIdentity(name, declared[name]));
  }

  private declareIdentity(name: IdentityName, identity: Identity): ApproleAuthBackendRole {
    const policy = new Policy(this, `${name}-policy`, { name: identity.role, policy: identity.policy });
    policy.importFrom(identity.role);
    const role = new ApproleAuthBackendRole(this, `${name}-role`, {
      backend: "approle",
      roleName: identity.role,
      tokenPolicies: [policy.name],
      tokenType: "batch",
      tokenTtl: identity.tokenTtl,
      tokenNoDefaultPolicy: true,
      secretIdTtl: 0,
      secretIdNumUses: 0,
      bindSecretId: true,
    });
    role.importFrom(`auth/approle/role/${identity.role}`);
    return role;
  }
}
