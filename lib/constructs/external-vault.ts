import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { apiUrl, keyPathForm, serverUrls } from "../config/options";
import { addressesOf, externalPlace } from "../model/deployment";
import { storeKeyResource } from "../model/openrouter-key";
import type { StepParameters } from "../model/run-parameters";
import { identitiesOf } from "../model/vault/identities";
import { guideNames } from "../model/vault/vault-names";
import { baseAddress, requirePath, requireThat } from "./require";
import { runStep } from "./run-step";
import type { IVault, KeyDeclaration } from "./vault";
import { declareIdentities } from "./vault-identities";

export interface ExternalVaultProps {
  /** The directory of the instance for which `up` wrote the identities, with their credentials: an absolute path. */
  readonly home: string;
  /** The address at which the host reaches Vault: https, or http on the loopback; without a slash at its end. */
  readonly address: string;
  /**
   * How the names of the identities' policies and roles begin, as `up` wrote them: `openclaw-<instance>-<id>`, with the first 8
   * characters of the instance's id.
   */
  readonly prefix: string;
  /** Further addresses of a cluster, https: any server that answers will do. @default the address alone */
  readonly otherAddresses?: readonly string[];
  /**
   * CA certificates that verify Vault's certificate: an absolute path.
   * @default those that Node and the system know; none for plain HTTP
   */
  readonly caFile?: string;
  /** The namespace that holds `secret/` and `approle/` (Enterprise, HCP). @default the root namespace */
  readonly namespace?: string;
  /** The container that it runs in. @default unknown: it can run anywhere */
  readonly container?: string;
  /** The path of the secret with the key, in the store `secret/`. @default secret/openrouter */
  readonly keyPath?: string;
}

const isHttps = (url: string) => serverUrls().safeParse([url]).success;

/**
 * An external Vault. Mounts and audit devices belong to its owner, so neither is declared. A step checks that it is unsealed,
 * holds this instance's identities, and has a key-value store at `secret/`.
 */
export class ExternalVault extends Construct implements IVault {
  readonly home: string;
  readonly address: string;
  readonly otherAddresses: readonly string[] | undefined;
  readonly caFile: string | undefined;
  readonly namespace: string | undefined;
  private readonly parameters: StepParameters<"connect">;

  constructor(scope: Construct, id: string, props: ExternalVaultProps) {
    super(scope, id);
    const { home, address, prefix, caFile, keyPath = guideNames.keyPath } = props;
    requirePath(this, "home", home);
    requireThat(this, apiUrl().safeParse(address).success, "address", address, baseAddress);
    requireThat(this, /^[\w.-]+$/.test(prefix), "prefix", prefix, "how the names of `up` begin");
    if (caFile !== undefined) requirePath(this, "caFile", caFile);
    requireThat(
      this,
      keyPathForm.test(keyPath),
      "keyPath",
      keyPath,
      "a path in the store secret/, without data/",
    );
    for (const other of props.otherAddresses ?? [])
      requireThat(this, isHttps(other), "otherAddresses", other, "https URLs that do not end in /");
    this.home = home;
    this.address = address;
    this.otherAddresses = props.otherAddresses;
    this.caFile = caFile;
    this.namespace = props.namespace;
    this.parameters = { home, ...externalPlace(home, { ...props, prefix, keyPath }) };
    runStep(this, "run", {
      step: "connect",
      parameters: this.parameters,
      triggers: [addressesOf(this.parameters)],
    });
  }

  /** A write-only argument replaces the whole secret, so a step stores the key, as one field beside the owner's fields. */
  declareKey(scope: Construct, key: KeyDeclaration): ITerraformDependable {
    // The step reads the key from Terraform's own environment: in the step's environment, the sensitive value would hide its
    // output.
    const step = runStep(scope, "store-key", {
      step: "store-key",
      parameters: { ...this.parameters, ...key },
      triggers: [String(key.keyVersion)],
      dependsOn: declareIdentities(scope, identitiesOf(this.parameters)),
    });
    step.overrideLogicalId(storeKeyResource);
    return step;
  }
}
