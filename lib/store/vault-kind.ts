import { existsSync } from "node:fs";
import { z } from "zod";
import { UserError } from "../core/errors";
import { readTextIfThere } from "../core/files/files";
import type { Deployment } from "../model/deployment";
import type { HomePaths } from "../model/home-paths";
import { deployedRecord } from "./deployed-record";
import { readExternalVault } from "./external-vault-record";

/**
 * Verifies that the settings name the kind of Vault that the instance uses. Otherwise the contents of that Vault would be left
 * behind unnoticed.
 * @throws UserError if they do not
 */
export function requireSameKind({ instance, home, external }: Deployment): void {
  if (external && hasOwnVault(home)) {
    throw new UserError({
      problem: `The instance ${instance} has a Vault of its own, and its settings name another one by \`vault.address\`.`,
      got: external.container
        ? `\`vault.address\`, with the container ${external.container}`
        : "`vault.address`",
      expected: "settings without it, or an instance that was purged",
      fix: `Take \`vault.address\` out of the settings. To go over to the other Vault, then keep what this one holds, purge it:\nopenclaw-openrouter destroy --purge --instance ${instance}\nand put \`vault.address\` back.`,
    });
  }
  const known = external ? undefined : readExternalVault(home);
  if (!known) return;
  throw new UserError({
    problem: `The instance ${instance} uses the Vault at ${known.address}, and its settings do not name it any more.`,
    got: "settings without `vault.address`",
    expected: `\`vault.address\`: ${known.address}`,
    fix: `Put \`vault.address\` back. To go over to a Vault of its own, then take what is this instance's out of the other:\nopenclaw-openrouter destroy --instance ${instance}\nand take \`vault.address\` out.`,
  });
}

/**
 * Whether the instance has a Vault of its own: its shares, Terraform's local state or the last deploy shows it. An instance
 * directory that was only inspected has none of these.
 */
function hasOwnVault(home: HomePaths): boolean {
  return (
    existsSync(home.shares) ||
    existsSync(home.initPending) ||
    /"type": "docker_(container|volume)"/.test(readTextIfThere(home.state("vault")) ?? "") ||
    wasDeployedToOwn(home)
  );
}

function wasDeployedToOwn(home: HomePaths): boolean {
  const record = deployedRecord.read(home);
  return record !== undefined && !deployedToExternal.safeParse(record.settings).success;
}

const deployedToExternal = z.object({ vault: z.object({ address: z.string() }) });
