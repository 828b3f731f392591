import { dirname } from "node:path";
import { identitiesOf, identityNames } from "../../model/vault/identities";
import { readCredential } from "../../store/credentials";
import { VaultFailure } from "../../vault/client";
import { logInWith } from "../../vault/log-in";
import { drift, gone } from "../finding";
import { probe } from "../probe";

/** The findings that compare copies with the reader's credential in the instance directory. */
const copies = [
  "docker.exec..reader-*",
  "openclaw.resolver:role_id.content",
  "openclaw.resolver:secret_id.content",
];

/** Logs each identity in with its credential in the instance directory. A login leaves nothing behind. */
export const credentials = probe("credentials", async (context) => {
  await context.requireOpen();
  const { home, renewal } = context;
  const roles = identitiesOf(context.deployed);
  const answers = await Promise.all(
    identityNames.map(async (name) => {
      const credential = readCredential(home, name);
      return { name, answer: credential && (await logInWith(context.vault, credential)) };
    }),
  );
  const refused = answers.filter(({ answer }) => !answer || answer instanceof VaultFailure);
  const given = answers.flatMap(({ answer }) => answer ?? []);
  // Without the method, Vault refuses everybody so; otherwise only who may not log in, whatever the credential.
  const isMethodGone = given.length > 0 && given.every(isForbidden);
  return [
    isMethodGone &&
      gone("vault.mount:approle", "critical", "auth method approle/", {
        summary: "The auth method approle/ is gone: no identity can log in",
        fix: renewal,
        explains: ["credentials.*"],
      }),
    !isMethodGone &&
      refused.length === identityNames.length &&
      drift("credentials.all", "critical", dirname(home.credentials("reader")), {
        summary:
          "No identity can log in to Vault: its roles were re-created, or these credentials belong to other roles",
        compared: ["credentials that Vault accepts", "none"],
        fix: renewal,
        explains: ["credentials.*", ...copies],
      }),
    refused.map(({ name, answer }) => {
      const isDisabled = isForbidden(answer);
      return drift(`credentials.${name}`, name === "reader" ? "critical" : "major", home.credentials(name), {
        summary: isDisabled
          ? `Vault does not let the ${name} log in: its entity is disabled, its role is bound to other addresses, or failed logins have locked it out for a while`
          : `The ${name} cannot log in to Vault`,
        compared: ["role_id and secret_id that Vault accepts", answer ? "refused by Vault" : "not there"],
        fix:
          isDisabled && context.deployed.external
            ? `Wait 15 minutes, then ask this Vault's owner who disabled the entity of the role ${roles[name].role}.`
            : renewal,
        explains: name === "reader" ? copies : [],
      });
    }),
  ];
});

function isForbidden(answer: unknown): boolean {
  return answer instanceof VaultFailure && answer.status === 403;
}
