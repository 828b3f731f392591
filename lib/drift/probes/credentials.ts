import { identityNames } from "../../model/identities";
import { logIn, readCredential } from "../../vault/credentials";
import { drift, type Probe } from "../finding";

/** Whether each identity can log in with what lies in the instance home. A login leaves nothing behind. */
export const credentials: Probe = {
  id: "credentials",
  async look(context) {
    await context.requireOpen();
    const found = await Promise.all(
      identityNames.map(async (name) => {
        if (await logIn(context.vault, context.home, name)) return [];
        const isThere = readCredential(context.home, name) !== undefined;
        return [
          drift({
            id: `credentials.${name}`,
            severity: name === "reader" ? "critical" : "major",
            subject: context.home.credentials(name),
            seen: `The ${name} cannot log in to Vault`,
            declared: "role_id and secret_id that Vault accepts",
            found: isThere ? "refused by Vault" : "not there",
            ...(context.sharesAreHere ? {} : { mend: context.renewIdentities }),
          }),
        ];
      }),
    );
    return found.flat();
  },
};
