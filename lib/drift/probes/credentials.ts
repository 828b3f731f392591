import { dirname } from "node:path";
import { identityNames } from "../../model/identities";
import { VaultFailure } from "../../vault/client";
import { logInWith, readCredential } from "../../vault/credentials";
import type { DriftContext } from "../context";
import { drift, type Finding, type Mend, type Probe } from "../finding";

/** What is compared with the reader's credential in the instance home. */
const copies = [
  "docker.exec..reader-*",
  "openclaw.resolver:role_id.content",
  "openclaw.resolver:secret_id.content",
];

/** Whether each identity can log in with what lies in the instance home. A login leaves nothing behind. */
export const credentials: Probe = {
  id: "credentials",
  async look(context) {
    await context.requireOpen();
    const refused = await Promise.all(
      identityNames.map(async (name) => {
        const credential = readCredential(context.home, name);
        const answer = credential && (await logInWith(context.vault, credential));
        return { name, answer };
      }),
    );
    const mend = context.renewal;
    const findings = refused.flatMap(({ name, answer }) => {
      if (answer && !(answer instanceof VaultFailure)) return [];
      return [
        drift({
          id: `credentials.${name}`,
          severity: name === "reader" ? "critical" : "major",
          subject: context.home.credentials(name),
          seen: `The ${name} cannot log in to Vault`,
          declared: "role_id and secret_id that Vault accepts",
          found: answer ? "refused by Vault" : "not there",
          mend,
          explains: name === "reader" ? copies : [],
        }),
      ];
    });
    const isMethodGone = refused.some(
      ({ answer }) => answer instanceof VaultFailure && answer.status === 403,
    );
    if (isMethodGone) return [methodGone(mend), ...findings];
    return findings.length === identityNames.length ? [allOf(context, mend), ...findings] : findings;
  },
};

function allOf({ home }: DriftContext, mend: Mend): Finding {
  return drift({
    id: "credentials.all",
    severity: "critical",
    subject: dirname(home.credentials("reader")),
    seen: "None of our identities can log in to Vault: its roles were made anew, or what lies here is not theirs",
    declared: "credentials that Vault accepts",
    found: "none",
    mend,
    explains: ["credentials.*", ...copies],
  });
}

function methodGone(mend: Mend): Finding {
  return drift({
    id: "vault.mount:approle",
    severity: "critical",
    subject: "auth method approle/",
    seen: "The auth method approle/ is gone: none of our identities can log in",
    declared: "there",
    found: "gone",
    mend,
    explains: ["credentials.*"],
  });
}
