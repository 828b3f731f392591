import { UserError } from "../../core/errors";
import type { HomePaths } from "../../model/home-paths";
import { identities } from "../../model/vault/identities";
import { type Credential, readCredential } from "../../store/credentials";
import { whoHasShares } from "../../store/records/shares-record";
import type { VaultClient } from "../client";
import { logInAsAll } from "../log-in";
import { forgetRootToken, isRootTokenInDoubt } from "../shares/shares-file";
import { whatChanged } from "../what-changed";
import { activeRootToken } from "./root";

/** The state of the identities deployer, reader and auditor. */
type Identities =
  | { readonly state: "usable"; readonly reader: Credential }
  /** An identity cannot log in, or a run was interrupted while it wrote them. */
  | { readonly state: "unusable" }
  /** An earlier version wrote them, or somebody changed them by hand. */
  | { readonly state: "changed"; readonly what: readonly string[] }
  /** A run was interrupted while it made a root token: only another root token can revoke it. */
  | { readonly state: "in doubt" };

/** @param all whether everything that bootstrap writes must be as declared, or the deployer's policy alone */
export async function inspectIdentities(
  vault: VaultClient,
  home: HomePaths,
  all: boolean,
): Promise<Identities> {
  if (await activeRootToken(vault, home)) return { state: "unusable" };
  if (isRootTokenInDoubt(home)) return { state: "in doubt" };
  const auditor = await logInAsAll(vault, home);
  const reader = readCredential(home, "reader");
  if (!auditor || !reader) return { state: "unusable" };
  forgetRootToken(home);
  const what = await whatChanged(auditor, identities, { all, isOwn: true });
  return what.length > 0 ? { state: "changed", what } : { state: "usable", reader };
}

/** The identities are to be written again, and there are no shares for that. */
export function noShares(vault: VaultClient, home: HomePaths, found: Identities): UserError {
  const [problem, got] = {
    usable: ["New identities were requested", "no shares"],
    unusable: [
      `The credentials in ${home.root}/credentials do not work at ${vault.address}`,
      "no usable credential",
    ],
    changed: [
      `What bootstrap wrote into the Vault at ${vault.address} is not what this version declares`,
      `changed by hand, or of another version: ${found.state === "changed" ? found.what.join(", ") : ""}`,
    ],
    "in doubt": [
      `A root token of the Vault at ${vault.address} may be active, since a run was interrupted while it made one`,
      "a root token that nobody knows",
    ],
  }[found.state] as [string, string];
  return new UserError({
    problem: `${problem}, and there are no shares here to fix that.`,
    got,
    expected: `working identities of deployer, reader and auditor, or ${whoHasShares(home)}`,
    fix: "openclaw-openrouter vault renew-identities\nwhich asks for the shares.",
  });
}
