import { hanging } from "../../core/text";
import { defineCommand } from "../define-command";
import { instanceOptions } from "../options/options";
import { folderFor, namedHolders, readKeys, recipientOptions, sayFiles } from "../options/shares-options";
import { say } from "../output";
import { showShares } from "../show-shares";

/** `shares export`: writes each share, encrypted, into a file, or shows it on this terminal. */
export const register = defineCommand({
  name: "export",
  summary: "show each share once on this terminal, or encrypt each to its holder's OpenPGP key",
  options: [instanceOptions, recipientOptions],
  needs: "lock",
  run: async ({ deployment, options }) => {
    const { aloneEnough, recordExport, sharesToExport, writeEncrypted } = await import(
      "../../operations/shares/export"
    );
    const exported = sharesToExport(deployment);
    const { shares, threshold } = exported;
    const record = (holders: readonly string[]) => {
      recordExport(deployment.home, exported, holders);
      const alone = aloneEnough(holders, threshold);
      if (alone.length === 0) return;
      const warning = `${alone.join(", ")} can open Vault alone, with ${threshold} shares or more.`;
      say(hanging("! ", warning).join("\n"));
    };
    const keys = await readKeys(options);
    if (keys.length > 0) {
      const written = await writeEncrypted(shares, keys, folderFor(options));
      sayFiles(written);
      record(written.map(({ holder }) => holder));
      return {
        json: { written },
        text: `Carry these files away; a holder reads one by: gpg --decrypt FILE
Once ${threshold} of them were tried: openclaw-openrouter shares remove`,
      };
    }
    const holders = namedHolders(options, shares.length);
    await showShares(shares, threshold, holders);
    record(holders);
    return {
      json: { shown: shares.length, holders },
      text: "Once the holders have them: openclaw-openrouter shares remove",
    };
  },
});
