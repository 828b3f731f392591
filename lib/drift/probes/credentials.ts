import { dirname } from "node:path";
import { identityNames } from "../../model/identities";
import { readCredential } from "../../store/credentials";
import { VaultFailure } from "../../vault/client";
import { logInWith } from "../../vault/log-in";
import type { DriftContext } from "../context";
import { drift, type Finding, type Fix } from "../finding";
import type { Probe } from "../probe";

/** The findings that compare copies with the reader's credential in the instance directory. */
const copies = [
  "docker.exec..reader-*",
  "openclaw.resolver:role_id.content",
  "openclaw.resolver:secret_id.content",
];

/** Logs each identity in with its credential in the instance directory. A login leaves nothing behind. */
export const credentials: Probe = {
  id: "credentials",
  async inspect(context) {
    await context.requireOpen();
    const refused = await Promise.all(
      identityNames.map(async (name) => {
        const credential = readCredential(context.home, name);
        const answer = credential && (await logInWith(context.vault, credential));
        return { name, answer };
      }),
    );
    const fix = context.renewal;
    const findings = refused.flatMap(({ name, answer }) => {
      if (answer && !(answer instanceof VaultFailure)) return [];
      return [
        drift({
          id: `credentials.${name}`,
          severity: name === "reader" ? "critical" : "major",
          subject: context.home.credentials(name),
          summary: `The ${name} cannot log in to Vault`,
          expected: "role_id and secret_id that Vault accepts",
          actual: answer ? "refused by Vault" : "not there",
          fix,
          explains: name === "reader" ? copies : [],
        }),
      ];
    });
    const isMethodGone = refused.some(
      ({ answer }) => answer instanceof VaultFailure && answer.status === 403,
    );
    if (isMethodGone) return [methodGone(fix), ...findings];
    return findings.length === identityNames.length ? [allOf(context, fix), ...findings] : findings;
  },
};

function allOf({ home }: DriftContext, fix: Fix): Finding {
  return drift({
    id: "credentials.all",
    severity: "critical",
    subject: dirname(home.credentials("reader")),
    summary:
      "No identity can log in to Vault: its roles were re-created, or these credentials belong to other roles",
    expected: "credentials that Vault accepts",
    actual: "none",
    fix,
    explains: ["credentials.*", ...copies],
  });
}

function methodGone(fix: Fix): Finding {
  return drift({
    id: "vault.mount:approle",
    severity: "critical",
    subject: "auth method approle/",
    summary: "The auth method approle/ is gone: no identity can log in",
    expected: "there",
    actual: "gone",
    fix,
    explains: ["credentials.*"],
  });
}
