import { defined } from "../../core/defined";
import { ifError } from "../../core/errors";
import { OpenRouterFailure } from "../../openrouter/errors";
import type { KeyItem, ManagementClient, Workspace } from "../../openrouter/management";

/** What identifies a key at OpenRouter. One of its SHA-256, its hash and its name is needed. */
interface WantedKey {
  readonly sha256?: string;
  /** OpenRouter's identifier of it. */
  readonly hash?: string;
  readonly name?: string;
  /** Identifies it only if no other key has the same one. */
  readonly label?: string;
}

export interface FoundKey {
  readonly item: KeyItem;
  /** @default the account's default workspace */
  readonly workspaceId?: string;
}

/**
 * The keys of an account. OpenRouter lists those of one workspace at a time, by default of the default one; the others are
 * listed only if a key was not found before.
 */
export class AccountKeys {
  private readonly lists = new Map<string | undefined, readonly KeyItem[]>();
  private workspaces: readonly Workspace[] | undefined;
  private readonly failures = new Map<string, string>();

  constructor(private readonly manager: ManagementClient) {}

  /** Lists the keys of the default workspace. @throws OpenRouterFailure */
  async open(): Promise<void> {
    if (!this.lists.has(undefined)) this.lists.set(undefined, await this.manager.list());
  }

  /**
   * Finds a key: by SHA-256, hash or name in any workspace, else by a label that only one of all keys has.
   * @param workspaceId the key's own workspace, if known: it is searched right after the default one
   * @throws OpenRouterFailure if the default workspace cannot be listed
   */
  async find(wanted: WantedKey, workspaceId?: string): Promise<FoundKey | undefined> {
    const isIt = (item: KeyItem) =>
      item.hash === wanted.hash || item.hash === wanted.sha256 || item.name === wanted.name;
    await this.open();
    const exact = (): FoundKey | undefined => this.all().find(({ item }) => isIt(item));
    const early = exact();
    if (early) return early;
    if (workspaceId !== undefined) await this.list(workspaceId);
    const own = exact();
    if (own) return own;
    for (const { id } of await this.listWorkspaces()) {
      await this.list(id);
      const found = exact();
      if (found) return found;
    }
    const labelled =
      wanted.label === undefined ? [] : this.all().filter(({ item }) => item.label === wanted.label);
    return labelled.length === 1 ? labelled[0] : undefined;
  }

  /** Finds this key and no other, by SHA-256 or hash: another key can have its label. @throws OpenRouterFailure as {@link find} */
  findExactly({ sha256, hash }: Pick<WantedKey, "sha256" | "hash">): Promise<FoundKey | undefined> {
    return this.find(defined({ sha256, hash }));
  }

  /** Whether the account has a workspace: its keys could be listed. */
  async has(workspaceId: string): Promise<boolean> {
    await this.list(workspaceId);
    return this.lists.has(workspaceId);
  }

  /** Whether a key that was not found can be in a workspace that could not be listed. */
  get isComplete(): boolean {
    return this.failures.size === 0;
  }

  /** Where keys were looked for, and where they could not be. */
  describe(): string {
    const name = (id: string) => this.workspaces?.find((one) => one.id === id)?.name ?? id;
    const others = [...this.lists.keys()].filter((id) => id !== undefined);
    const searched = this.workspaces?.length ? others.map(name) : ["the default workspace", ...others];
    const failed = [...this.failures].map(([id, why]) => `${name(id)} could not be listed: ${why}`);
    return [`looked for in ${searched.join(", ")}`, ...failed].join("; ");
  }

  /** Every key that was listed, once: the default workspace can be listed by its id too. */
  private all(): FoundKey[] {
    const found = [...this.lists].flatMap(([id, items]) =>
      items.map((item): FoundKey => ({ item, ...(id === undefined ? {} : { workspaceId: id }) })),
    );
    return [...new Map(found.map((one) => [one.item.hash, one])).values()];
  }

  private async list(workspaceId: string): Promise<void> {
    if (this.lists.has(workspaceId) || this.failures.has(workspaceId)) return;
    const items = await this.attempt(workspaceId, () => this.manager.list(workspaceId));
    if (items) this.lists.set(workspaceId, items);
  }

  private async listWorkspaces(): Promise<readonly Workspace[]> {
    this.workspaces ??= (await this.attempt("the workspaces", () => this.manager.listWorkspaces())) ?? [];
    return this.workspaces;
  }

  private attempt<T>(what: string, call: () => Promise<T>): Promise<T | undefined> {
    return call().catch(
      ifError(OpenRouterFailure, ({ message }) => {
        this.failures.set(what, message);
        return undefined;
      }),
    );
  }
}
