import { inviteAgain } from "../../model/invitation";
import { readCredential } from "../../store/credentials";
import { ifRefused, VaultFailure } from "../../vault/client";
import { logInWith } from "../../vault/log-in";
import { findSecret } from "../../vault/secret-store";
import { drift } from "../finding";
import { everyProbe } from "../probe";

/** Of a host that joined another instance's Vault: its credential, and what it reads. A login leaves nothing behind. */
export const joinedHost = everyProbe("joined-host", async (context) => {
  const name = context.deployed.external?.joinedAs;
  if (name === undefined) return [];
  await context.requireOpen();
  const again = inviteAgain(name);
  const credential = readCredential(context.home, "reader");
  const reader = credential && (await logInWith(context.vault, credential));
  if (!reader || reader instanceof VaultFailure)
    return drift("joined-host.credential", "critical", context.home.credentials("reader"), {
      summary:
        "Vault does not take this host's credential: it was evicted, invited again, or the file is lost",
      compared: ["role_id and secret_id that Vault accepts", reader ? "refused by Vault" : "not there"],
      fix: again,
      explains: ["openclaw.resolver:*"],
    });
  const secret = await findSecret(reader).catch(ifRefused(403, () => "refused" as const));
  if (secret !== "refused" && secret?.key !== undefined) return [];
  return drift("joined-host.key", "critical", reader.keyPath, {
    summary:
      secret === "refused" ? "This host may not read its key any more" : "Vault holds no key for this host",
    compared: ["the field api_key", secret === "refused" ? "refused by Vault" : "missing"],
    fix: again,
  });
});
