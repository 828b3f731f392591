/** One scripted drift: a shell line that changes the real host. */
export interface ScriptedDrift {
  readonly name: string;
  /** Run by sh on the host. $C is the container, $HOME_OF_INSTANCE, $OPENCLAW; `as_root` runs the vault CLI with a root token. */
  readonly line: string;
  /** The root cause that is to be told: an id, `*` for any part of it. */
  readonly cause: string;
  /** What is given to `drift --fix --yes`; null: nothing that `--fix` may fix. @default [] */
  readonly fix?: readonly string[] | null;
  /** Whether the deployed key is in the environment of `--fix`. @default false */
  readonly withKey?: boolean;
  /** Brings the host back where `--fix` may not. */
  readonly undo?: string;
  /** 3 where it is the declaration that was changed. @default 2 */
  readonly code?: 2 | 3;
  /** One of the sample that every `npm test` runs. */
  readonly sample?: true;
}

/** Where Vault was sealed, the root token that sealed it could not be revoked. */
export function isLeftOver({ line }: ScriptedDrift, id: string): boolean {
  return line.includes("operator seal") && id.startsWith("vault.root-token:");
}
