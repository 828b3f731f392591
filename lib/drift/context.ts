import { existsSync } from "node:fs";
import { once } from "../core/once";
import type { Progress } from "../core/progress";
import type { EngineContainer } from "../docker/schemas";
import type { Deployment } from "../model/deployment";
import type { HomePaths, StackName } from "../model/home-paths";
import { parseState, type State } from "../model/terraform-state";
import { lastDeployed } from "../session/load-deployment";
import type { PresentHost } from "../session/present-host";
import { readInstance } from "../store/home";
import { type DeployedRecord, deployedRecord } from "../store/records/deployed-record";
import { isStateElsewhere, keptBackend } from "../terraform/kept-backend";
import { VaultClient as Client, type VaultClient } from "../vault/client";
import { readTokens } from "../vault/identities/tokens";
import { logIn } from "../vault/log-in";
import type { SealStatus } from "../vault/schemas";
import { VaultUnreachable, VaultUntrusted } from "../vault/unanswered";
import { readSealStatus } from "../vault/wait";
import { appliedContainerIn } from "./container-fields";
import { byFix, byPerson, drift, type Finding, type Fix, ProbeSkipped } from "./finding";
import { readStateFile } from "./read-state";
import { readStoredSecret, type StoredSecret } from "./stored-secret";

export interface DriftContextOptions {
  /** The instance as the current settings describe it. */
  readonly deployment: Deployment;
  readonly host: PresentHost;
  /** Whether to call OpenRouter. */
  readonly network: boolean;
  /** Whether to ask OpenClaw's program. @default auto */
  readonly gateway?: "auto" | "no";
  /** Whether unmanaged things in Vault are findings. */
  readonly allOfVault: boolean;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** Reads the state of a stack from a backend outside the instance directory; it throws if it cannot be read. */
  readonly pullState: (stack: StackName) => Promise<unknown>;
}

/** The values that the probes share. Each is read once, by the first probe that needs it; nothing here changes anything. */
export class DriftContext {
  /** The instance as the current settings describe it. */
  readonly declared: Deployment;
  /** The instance as last deployed, with which the actual state is compared. */
  readonly deployed: Deployment;
  readonly home: HomePaths;
  readonly record: DeployedRecord | undefined;
  readonly instanceId: string | undefined;
  /** The unmanaged things in Vault. */
  readonly others: string[] = [];
  /** What is not inspected by design, such as what the owner of an external Vault does not permit. */
  readonly notInspected: { what: string; because: string }[] = [];
  /** The reason that Vault does not answer or is not trusted; set by {@link seal}. */
  vaultProblem: VaultUnreachable | VaultUntrusted | undefined;

  constructor(readonly options: DriftContextOptions) {
    this.declared = options.deployment;
    this.home = options.deployment.home;
    this.record = deployedRecord.read(this.home);
    this.instanceId = readInstance(this.home.root)?.id;
    this.deployed = lastDeployed(options.deployment, this.record) ?? options.deployment;
  }

  /** @throws ProbeSkipped if no engine answers */
  get engine() {
    const { engine } = this.options.host;
    if (engine) return engine;
    throw new ProbeSkipped("no Docker Engine answers");
  }

  readonly engineInfo = once(() => this.engine.api.info());

  /** The states of the stacks; undefined if there is none. They throw if a state's backend cannot be read. */
  readonly states: Readonly<Record<StackName, () => Promise<State | undefined>>> = {
    vault: once(() => this.readState("vault")),
    openrouter: once(() => this.readState("openrouter")),
  };

  /** The container as applied; undefined if the state has none. */
  readonly appliedContainer = once(async () => appliedContainerIn(await this.knownState("vault")));

  /** The container with the deployed name. */
  readonly container = once(
    (): Promise<EngineContainer | undefined> => this.engine.api.inspectContainer(this.deployed.container),
  );

  /** Vault's seal status; undefined if Vault does not answer. */
  readonly seal = once(async (): Promise<SealStatus | undefined> => {
    // A paused container accepts calls and never answers them.
    const mayBePaused = this.options.host.engine && !this.deployed.external;
    if (mayBePaused && (await this.container())?.State.Status === "paused") return undefined;
    try {
      return await readSealStatus(this.vault);
    } catch (error) {
      if (!(error instanceof VaultUnreachable || error instanceof VaultUntrusted)) throw error;
      this.vaultProblem = error;
      return undefined;
    }
  });

  /**
   * Vault's client, logged in as the auditor.
   * @throws ProbeSkipped if Vault does not answer or is sealed, or the auditor cannot log in
   */
  readonly auditor = once(async (): Promise<VaultClient> => {
    await this.requireOpen();
    const client = await logIn(this.vault, this.home, "auditor");
    if (client) return client;
    throw new ProbeSkipped("the auditor cannot log in to Vault");
  });

  /** Every active token except batch tokens. Only of the instance's own Vault: an external one can have very many. */
  readonly tokens = once(async () => readTokens(await this.auditor()));

  /** `secret/openrouter`, with the metadata of its versions. */
  readonly secret = once(async (): Promise<StoredSecret> => readStoredSecret(await this.auditor()));

  /** @throws ProbeSkipped if Vault does not answer, is not initialized, is sealed or is another Vault */
  async requireOpen(): Promise<void> {
    const seal = await this.seal();
    if (!seal) throw new ProbeSkipped("Vault does not answer");
    if (!seal.initialized) throw new ProbeSkipped("Vault is not initialized");
    if (seal.sealed) throw new ProbeSkipped("Vault is sealed");
    const { clusterId } = this.record ?? {};
    if (clusterId && seal.cluster_id && seal.cluster_id !== clusterId)
      throw new ProbeSkipped("another Vault answers");
  }

  /** Notes an unmanaged thing in Vault. @returns a finding if the options ask for one */
  unmanaged(what: string): Finding[] {
    this.others.push(what);
    if (!this.options.allOfVault) return [];
    return [
      drift(`vault.unmanaged:${what}`, "minor", what, {
        summary: "It is in this Vault, but no deploy wrote it",
        compared: ["none", "there"],
        fix: "It belongs to the user: no command touches it.",
      }),
    ];
  }

  /**
   * The fix that rewrites what bootstrap wrote: `--fix` if the shares are here, else a command that asks for them; for an
   * external Vault, a command that asks for an admin's token.
   */
  get renewal(): Fix {
    if (this.deployed.external) return byPerson("openclaw-openrouter up  (asks for an admin's token)");
    return this.sharesAreHere
      ? byFix
      : byPerson("openclaw-openrouter vault renew-identities  (asks for the shares)");
  }

  /** A state for what else it tells; undefined also if it cannot be read, which the probe of the states reports. */
  knownState(stack: StackName): Promise<State | undefined> {
    return this.states[stack]().catch(() => undefined);
  }

  get sharesAreHere(): boolean {
    return existsSync(this.home.shares);
  }

  /** Vault's client without a token. */
  get vault(): VaultClient {
    return Client.at(this.deployed);
  }

  private async readState(stack: StackName): Promise<State | undefined> {
    const elsewhere = isStateElsewhere(this.declared) ? keptBackend(this.home) : undefined;
    if ((elsewhere ?? this.declared.settings.terraform.backend).type !== "local")
      return elsewhere ? undefined : parseState(await this.options.pullState(stack));
    return readStateFile(this.home.state(stack));
  }
}

/** The container with the deployed name. @throws ProbeSkipped if there is none */
export async function requireContainer(context: DriftContext): Promise<EngineContainer> {
  const container = await context.container();
  if (container) return container;
  throw new ProbeSkipped("there is no container");
}

/**
 * Notes what the auditor may not read in an external Vault. In an own Vault the probe `vault.policies` reports it.
 * @param permission what its owner does not permit the auditor, such as "to read it"
 */
export function notPermitted(
  { deployed, notInspected }: DriftContext,
  what: string,
  permission: string,
): void {
  if (!deployed.external) return;
  notInspected.push({ what, because: `this Vault's owner does not permit the auditor ${permission}` });
}
