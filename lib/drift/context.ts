import { existsSync, readFileSync } from "node:fs";
import { settingsSchema } from "../config/settings";
import { once } from "../core/once";
import type { Progress } from "../core/progress";
import { type WholeContainer, wholeContainer } from "../docker/container-shape";
import type { Deployment } from "../model/deployment";
import type { HomePaths, StackName } from "../model/home-paths";
import { attributesOf, parseState, type State } from "../model/terraform-state";
import { describeOnHost } from "../session/load-deployment";
import type { PresentHost } from "../session/present-host";
import { type DeployedRecord, deployedRecord } from "../store/deployed-record";
import { readInstance } from "../store/home";
import { isStateElsewhere, keptBackend } from "../terraform/kept-backend";
import { VaultClient as Client, type VaultClient, VaultUnreachable, VaultUntrusted } from "../vault/client";
import { logIn } from "../vault/log-in";
import type { SealStatus } from "../vault/schemas";
import { readSealStatus } from "../vault/wait";
import { type AppliedContainer, parseAppliedContainer } from "./container-fields";
import { byFix, byPerson, drift, type Finding, type Fix, ProbeSkipped } from "./finding";
import { readStoredSecret, type StoredSecret } from "./stored-secret";

export interface DriftContextOptions {
  /** As the settings describe it now. */
  readonly deployment: Deployment;
  readonly host: PresentHost;
  /** Whether OpenRouter is asked. */
  readonly network: boolean;
  /** Whether what is in Vault besides ours is a finding. */
  readonly allOfVault: boolean;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** Reads the state of a stack that is kept elsewhere than in the instance directory. */
  readonly pullState: (stack: StackName) => Promise<unknown>;
}

/** What the probes have in common: each is looked up once, by whichever probe asks first. Nothing here changes anything. */
export class DriftContext {
  /** As the settings describe it now. */
  readonly declared: Deployment;
  /** As it was deployed last: what reality is compared with. */
  readonly deployed: Deployment;
  readonly home: HomePaths;
  readonly record: DeployedRecord | undefined;
  readonly instanceId: string | undefined;
  /** What is in Vault besides ours. */
  readonly others: string[] = [];
  /** Why Vault does not answer, or what answers in its place, once {@link seal} was asked for. */
  vaultProblem: VaultUnreachable | VaultUntrusted | undefined;

  constructor(readonly options: DriftContextOptions) {
    this.declared = options.deployment;
    this.home = options.deployment.home;
    this.record = deployedRecord.read(this.home);
    this.instanceId = readInstance(this.home.root)?.id;
    this.deployed = asDeployed(options.deployment, this.record);
  }

  /** @throws ProbeSkipped where no engine answers */
  get engine() {
    const { engine } = this.options.host;
    if (engine) return engine;
    throw new ProbeSkipped("no Docker Engine answers");
  }

  readonly vaultState = once(() => this.readState("vault"));
  readonly openrouterState = once(() => this.readState("openrouter"));

  /** The container as it was applied; undefined where the state does not tell. */
  readonly appliedContainer = once(async (): Promise<AppliedContainer | undefined> => {
    const [attributes] = attributesOf(await this.vaultState(), "docker_container").values();
    return parseAppliedContainer(attributes);
  });

  /** The container of the declared name. */
  readonly container = once(
    (): Promise<WholeContainer | undefined> => wholeContainer(this.engine.api, this.deployed.container),
  );

  /** Vault's seal status; undefined where it does not answer. */
  readonly seal = once(async (): Promise<SealStatus | undefined> => {
    // A paused one takes calls and never answers them.
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

  /** Vault as the auditor sees it. @throws ProbeSkipped where it does not answer, is sealed, or the auditor cannot log in */
  readonly auditor = once(async (): Promise<VaultClient> => {
    await this.requireOpen();
    const client = await logIn(this.vault, this.home, "auditor");
    if (client) return client;
    throw new ProbeSkipped("the auditor cannot log in to Vault");
  });

  /** `secret/openrouter`, with what is known of its versions. */
  readonly secret = once(async (): Promise<StoredSecret> => readStoredSecret(await this.auditor()));

  /** @throws ProbeSkipped where Vault does not answer or is not open */
  async requireOpen(): Promise<void> {
    const seal = await this.seal();
    if (!seal) throw new ProbeSkipped("Vault does not answer");
    if (!seal.initialized) throw new ProbeSkipped("Vault is not initialised");
    if (seal.sealed) throw new ProbeSkipped("Vault is sealed");
    const { clusterId } = this.record ?? {};
    if (clusterId && seal.cluster_id && seal.cluster_id !== clusterId)
      throw new ProbeSkipped("another Vault answers");
  }

  /** Notes what is in Vault besides ours. @returns a finding of it where that was asked for */
  unmanaged(what: string): Finding[] {
    this.others.push(what);
    if (!this.options.allOfVault) return [];
    return [
      drift({
        id: `vault.unmanaged:${what}`,
        severity: "minor",
        subject: what,
        summary: "It is in this Vault, and no deploy of ours put it there",
        expected: "none",
        actual: "there",
        fix: byPerson("It is the user's: nothing here touches it."),
      }),
    ];
  }

  /** What writes again what bootstrap wrote: `--fix` does it if the shares are here, else whoever has them, or an admin's token. */
  get renewal(): Fix {
    if (this.deployed.external) return byPerson("openclaw-openrouter up  (asks for an admin's token)");
    return this.sharesAreHere
      ? byFix
      : byPerson("openclaw-openrouter vault renew-identities  (asks for the shares)");
  }

  get sharesAreHere(): boolean {
    return existsSync(this.home.shares);
  }

  /** Without a token. */
  get vault(): VaultClient {
    return Client.at(this.deployed);
  }

  private async readState(stack: StackName): Promise<State | undefined> {
    const elsewhere = isStateElsewhere(this.declared) ? keptBackend(this.home) : undefined;
    if ((elsewhere ?? this.declared.settings.terraform.backend).type !== "local")
      return elsewhere ? undefined : parseState(await this.options.pullState(stack));
    try {
      return parseState(JSON.parse(readFileSync(this.home.state(stack), "utf8")));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError)
        return undefined;
      throw error;
    }
  }
}

/** Settings of another version of this program may not be read any more: then the present ones stand in their place. */
function asDeployed(present: Deployment, record: DeployedRecord | undefined): Deployment {
  const settings = settingsSchema.safeParse(record?.settings);
  if (!settings.success) return present;
  return describeOnHost(present.instance, settings.data, present.home.root);
}
