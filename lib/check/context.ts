import { defined } from "../core/defined";
import { UserError } from "../core/errors";
import { once } from "../core/once";
import type { Progress } from "../core/progress";
import type { EngineApi } from "../docker/engine-api";
import { type HomePaths, homePaths } from "../model/home-paths";
import { inviteAgain } from "../model/invitation";
import type { CheckParameters } from "../model/run-parameters";
import type { GatewayMode } from "../openclaw/gateway/view";
import { type OpenRouterClient, type OpenRouterClientOptions, openRouterClient } from "../openrouter/client";
import type { KeyInfo, Model } from "../openrouter/schemas";
import { keySince } from "../store/records/key-record";
import { VaultClient } from "../vault/client";
import { isAnotherThanBefore } from "../vault/external-vault";
import { logIn } from "../vault/log-in";
import { sealHealth } from "../vault/schemas";
import { ChatBudget } from "./chat-budget";
import { type AnsweringVault, reachVault, type UnsealedVault, unsealVault } from "./reach-vault";
import { readSecret, type StoredSecret } from "./stored-secret";

export interface CheckContextOptions {
  readonly parameters: CheckParameters;
  /** The engine that runs Vault's container; undefined if no engine is reachable. */
  readonly engine?: EngineApi;
  /** Creates the client for the stored key. @default the real client */
  readonly openRouter?: (options: OpenRouterClientOptions) => OpenRouterClient;
  /** Whether to start a stopped container and unseal a sealed Vault, if the shares are on this host. */
  readonly unseal: boolean;
  /** Whether to ask OpenClaw's program. @default auto */
  readonly gateway?: GatewayMode;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** @default the machine's clock */
  readonly now?: () => Date;
}

/** The values that the checks share. Each is read once, by the first check that needs it. */
export class CheckContext {
  readonly parameters: CheckParameters;
  readonly home: HomePaths;
  readonly engine: EngineApi | undefined;
  readonly mayUnseal: boolean;
  readonly gateway: GatewayMode;
  readonly progress: Progress;
  /** The cost limit for the chats of this run. */
  readonly chatBudget: ChatBudget;
  readonly now: () => Date;
  private readonly vault: VaultClient;

  constructor(private readonly options: CheckContextOptions) {
    this.parameters = options.parameters;
    this.home = homePaths(options.parameters.home);
    this.engine = options.engine;
    this.mayUnseal = options.unseal;
    this.gateway = options.gateway ?? "auto";
    this.progress = options.progress;
    this.chatBudget = new ChatBudget(options.parameters.maxCostUsd);
    this.now = options.now ?? (() => new Date());
    this.vault = VaultClient.at(options.parameters);
  }

  /** Reaches Vault; starts its container if that is permitted. */
  readonly reach = once((): Promise<AnsweringVault> => reachVault(this, this.vault));

  /** Waits until Vault is unsealed and active; unseals it if that is permitted. */
  readonly open = once(async (): Promise<UnsealedVault> => unsealVault(this, this.vault, await this.reach()));

  /**
   * Whether the service that unseals Vault works: an open Vault tries it every ten minutes.
   * @returns undefined if Vault does not say
   */
  readonly sealHealth = once(async () => {
    try {
      await this.reach();
      return await this.vault.call({ path: "sys/seal-backend-status" }, sealHealth);
    } catch {
      // Other checks tell why Vault does not answer, and Vault before 1.16 does not know the call.
      return undefined;
    }
  });

  /** Vault's client, logged in as the reader. @throws UserError if the reader cannot log in */
  readonly reader = once(() => this.identity("reader"));

  /** Vault's client, logged in as the auditor. @throws UserError if the auditor cannot log in */
  readonly auditor = once(() => this.identity("auditor"));

  /** The stored key, read the way OpenClaw reads it. @throws UserError if no key is stored */
  readonly secret = once(async (): Promise<StoredSecret> => readSecret(await this.reader()));

  /** When the stored key was first stored. */
  readonly keySince = once(async (): Promise<Date> => keySince(this.home, await this.secret()));

  readonly openRouter = once(async (): Promise<OpenRouterClient> => {
    const { key } = await this.secret();
    return this.client(key);
  });

  readonly keyInfo = once(async (): Promise<KeyInfo> => (await this.openRouter()).getKey());

  /** The catalogue is public, so reading it needs no key. */
  readonly catalogue = once((): Promise<Model[]> => this.client("").listModels());

  private client(key: string): OpenRouterClient {
    const { baseUrl, title, referer, timeoutSeconds } = this.parameters;
    return (this.options.openRouter ?? openRouterClient)({
      baseUrl,
      key,
      title,
      timeoutSeconds,
      ...defined({ referer: referer || undefined, signal: this.options.signal }),
    });
  }

  private async identity(name: "reader" | "auditor"): Promise<VaultClient> {
    await this.open();
    const client = await logIn(this.vault, this.home, name);
    if (client) return client;
    const joinedAs = this.parameters.external?.joinedAs;
    const { status } = await this.reach();
    throw new UserError({
      problem: `The ${name} cannot log in to Vault.`,
      ...defined({ got: isAnotherThanBefore(this.home, status.cluster_id ?? "") }),
      expected: `a role_id and secret_id in ${this.home.credentials(name)} that Vault accepts`,
      fix: joinedAs === undefined ? "openclaw-openrouter up" : inviteAgain(joinedAs),
    });
  }
}
