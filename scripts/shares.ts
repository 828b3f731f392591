import type { Command } from "commander";
import type { Deployment } from "../lib/model/deployment";
import { ExitCode } from "../lib/model/exit-codes";
import { addInstanceOptions } from "./options";
import { printJson, say } from "./output";
import { runVerb } from "./run-verb";
import { addSharesOptions, collect } from "./shares-input";
import { count, type SharesVerbOptions, sharesActions, wrongUsage } from "./shares-options";

/** `shares`: where the unseal key shares are, and how they leave this host. */
export function register(program: Command): void {
  const command = program
    .command("shares")
    .description("tell where the unseal key shares are; hand them out, take them off this host")
    .option("--export", "show each share once on this terminal, or encrypt each to an OpenPGP key")
    .option("--pgp-key <file>", "a holder's OpenPGP public key; may be given for each share", collect)
    .option("--out <dir>", "with --pgp-key: a new folder for the encrypted shares")
    .option("--holder <name>", "who gets the next share; may be given for each of them", collect)
    .option("--forget", "take the shares off this host, once enough of them were given back and tried")
    .option("--rekey", "make new shares in the place of those in force")
    .option("--shares <count>", "with --rekey: how many (default: as many as now)", count)
    .option("--threshold <count>", "with --rekey: how many of them unseal (default: as now)", count)
    .option("--new-share-file <file>", "with --rekey: new shares, given back by their holders", collect)
    .option("--cancel", "with --rekey: end one that waits for its new shares")
    .option("--backup", "with --forget and --rekey: make a fresh backup first (a terminal asks)")
    .option("-y, --yes", "do not ask");
  addSharesOptions(addInstanceOptions(command)).action(async (options: SharesVerbOptions) => {
    process.exitCode = await sharesVerb(options);
  });
}

async function sharesVerb(options: SharesVerbOptions): Promise<ExitCode> {
  const { openInstance } = await import("../lib/instance/declaration");
  const chosen = sharesActions.filter((action) => options[action]);
  if (chosen.length > 1)
    throw wrongUsage(`Only one of ${chosen.map((each) => `--${each}`).join(" and ")} at a time.`);
  if ((options.cancel || options.newShareFile) && !options.rekey)
    throw wrongUsage("--cancel and --new-share-file belong to --rekey.");
  const deployment = openInstance(options);
  switch (chosen[0]) {
    case "export": {
      const { exportShares } = await import("./shares-export");
      return runVerb("shares --export", deployment, () => exportShares(options, deployment));
    }
    case "forget":
      return (await import("./shares-forget")).forgetVerb(options, deployment);
    case "rekey":
      return (await import("./shares-rekey")).rekeyVerb(options, deployment);
    default:
      return show(options, deployment);
  }
}

async function show({ json }: SharesVerbOptions, deployment: Deployment): Promise<ExitCode> {
  const { requireOwnVault } = await import("../lib/deploy/existing-vault");
  const { readSharesStatus, renderSharesStatus } = await import("../lib/deploy/shares/status");
  requireOwnVault(deployment, "What this verb tells", "Its owner knows where they are.");
  const status = await readSharesStatus(deployment);
  if (json) printJson(status);
  else say(renderSharesStatus(status));
  return ExitCode.Ok;
}
