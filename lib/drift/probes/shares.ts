import { readTextIfThere } from "../../core/files/files";
import { inspectShares, withoutShares } from "../../vault/shares/inspect-shares";
import { drift } from "../finding";
import { managedProbe } from "../probe";

/** Inspects that the shares on this host would unseal Vault: before the restart that needs them. */
export const shares = managedProbe("shares", async ({ home, deployed }) => {
  const found = inspectShares(home);
  if (["known", "not recorded", "off the host"].includes(found.is)) return [];
  const unsealsItself = deployed.settings.vault.seal.type !== "shamir";
  const consequence = unsealsItself
    ? "no root token can be made with them"
    : "Vault stays sealed after its next restart";
  const summaries: Record<string, string> = {
    missing: `The shares are gone from this host, and \`shares remove\` did not remove them: ${consequence}`,
    others: `The shares on this host are not this Vault's: ${consequence}`,
    unreadable: `The file of the shares is damaged: ${consequence}`,
  };
  const actuals: Record<string, string> = {
    missing: "no such file",
    others: found.is === "others" ? `${found.known} of them` : "",
    unreadable: readTextIfThere(home.shares) === "" ? "an empty file" : "a file that cannot be read",
  };
  return [
    drift(`shares.${found.is}`, unsealsItself ? "major" : "critical", home.shares, {
      summary: summaries[found.is] ?? "",
      compared: [
        found.is === "others" ? `at least ${found.threshold} of the recorded shares` : "the recorded shares",
        actuals[found.is] ?? "",
      ],
      fix: withoutShares,
    }),
  ];
});
