import { identitiesOf } from "../../model/vault/identities";
import { operatorPolicy, operatorPolicyName } from "../../model/vault/policies";
import type { VaultNames } from "../../model/vault/vault-names";
import type { AccessRecord } from "../../store/records/access-record";
import type { VaultClient } from "../client";
import type { ActiveToken } from "../identities/tokens";
import type { KeysInVault } from "./guarded-paths";
import { isOperatorToken, newAccess } from "./new-access";
import { readAnswers } from "./read-answers";
import { whoHasAccess } from "./who-has-access";

interface ReadAccessOptions {
  /** Set if Vault is external. */
  readonly external?: VaultNames | undefined;
  /** The hosts that this instance invited, each of which reads its own key. @default none */
  readonly hosts?: KeysInVault["hosts"];
  /** What a person accepted. */
  readonly accepted: AccessRecord | undefined;
  /** The active tokens, if they are known. @default asked for */
  readonly tokens?: () => Promise<readonly ActiveToken[]>;
}

/**
 * Reads as the auditor who has access to the key. The managed policies count as they are declared: other probes compare them.
 * @returns who has access and should not, with their new ways; and the same without regard to what was accepted
 * @throws VaultUnreachable
 */
export async function readAccess(
  auditor: VaultClient,
  { external, accepted, tokens, hosts = [] }: ReadAccessOptions,
) {
  const isOwn = external === undefined;
  const declared = identitiesOf({ external });
  const answers = await readAnswers(auditor, {
    declared: Object.fromEntries(Object.values(declared).map(({ role, policy }) => [role, policy])),
    ...(isOwn ? { policies: { [operatorPolicyName]: operatorPolicy } } : {}),
    ...(tokens ? { tokens } : {}),
  });
  const others = answers.tokens.filter((token) => !(isOwn && isOperatorToken(token)));
  const who = whoHasAccess({ ...answers, tokens: others }, { isOwn, keyPath: auditor.keyPath, hosts });
  return {
    fresh: newAccess(who, { isOwn, declared, hosts, accepted }),
    others: newAccess(who, { isOwn, declared, hosts, accepted: undefined }),
    unread: who.unread,
  };
}
