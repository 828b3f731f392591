import { existsSync } from "node:fs";
import { z } from "zod";
import { UserError } from "../core/errors";
import { readTextIfThere } from "../core/files/files";
import type { Deployment } from "../model/deployment";
import type { HomePaths } from "../model/home-paths";
import { deployedRecord } from "./records/deployed-record";
import { readExternalVault } from "./records/external-vault-record";

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
      fix: `Remove \`vault.address\` from the settings. To use the other Vault instead, save what this one contains, then purge it:\nopenclaw-openrouter destroy --purge --instance ${instance}\nand set \`vault.address\` again.`,
    });
  }
  const known = external ? undefined : readExternalVault(home);
  if (!known) return;
  throw new UserError({
    problem: `The instance ${instance} uses the Vault at ${known.address}, and its settings no longer name it.`,
    got: "settings without `vault.address`",
    expected: `\`vault.address\`: ${known.address}`,
    fix: `Set \`vault.address\` again. To use a Vault of the instance's own instead, then remove this instance's roles and policies from the other:\nopenclaw-openrouter destroy --instance ${instance}\nand remove \`vault.address\`.`,
  });
}

/**
 * Whether the instance has a Vault of its own: its shares, Terraform's local state or the last deploy shows it. An instance
 * directory that was only inspected has none of these.
 */
export function hasOwnVault(home: HomePaths): boolean {
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

const deployedToExternal = z.object({ vault: z.object({ address: z.string().or(z.array(z.string())) }) });
