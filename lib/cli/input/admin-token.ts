import { text } from "node:stream/consumers";
import { wrongUsage } from "../../core/errors";
import { accountOf } from "../../core/system/os-user";
import { wrap } from "../../core/text";
import type { AcceptListener, AskAdminToken } from "../../session/external-vault";
import { option, optionGroup, type ParsedBy } from "../options/options";
import { say } from "../output";
import { readGivenFile } from "./given-file";
import { askSecret, confirmLoss, isInteractive } from "./prompts";

const group = "External Vault:";

export const adminTokenOptions = optionGroup(
  option("--admin-token-file <file>", "read the token of an external Vault's admin from a file", { group }),
  option("--admin-token-stdin", "read the token of an external Vault's admin from standard input", {
    conflicts: "adminTokenFile",
    group,
  }),
  option("--listener <user>", "accept that an external Vault of plain HTTP runs as this user of the host", {
    group,
  }),
);
export type AdminTokenOptions = ParsedBy<typeof adminTokenOptions>;

/**
 * Reads the admin's token of an external Vault from `--admin-token-file`, `--admin-token-stdin`, else from a hidden prompt, and
 * only when it is needed.
 */
export function adminTokenFrom(options: AdminTokenOptions): AskAdminToken {
  return async (why) => {
    const { adminTokenFile, adminTokenStdin } = options;
    if (adminTokenStdin) return checked(await text(process.stdin), "--admin-token-stdin");
    if (adminTokenFile) return checked(readGivenFile(adminTokenFile, "The token file"), adminTokenFile);
    if (!isInteractive())
      throw wrongUsage({
        problem: why,
        got: "no token, and nobody who could be asked",
        expected: "a token by --admin-token-file or --admin-token-stdin",
      });
    say(wrap(why, 78).join("\n"));
    return checked(await askSecret("The admin's token:"), "the prompt");
  };
}

/** Whether the listener on plain HTTP is the intended Vault: `--listener` decides, else a person. */
export function listenerFrom({ listener }: AdminTokenOptions): AcceptListener {
  return async (who, uid) => {
    if (listener !== undefined)
      return (/^\d+$/.test(listener) ? Number(listener) : accountOf(listener).uid) === uid;
    return confirmLoss(`Is this the Vault that is meant? ${who}`);
  };
}

/** @param source its origin, for the message */
function checked(raw: string, source: string): string {
  const token = raw.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw wrongUsage({
    problem: `The admin's token from ${source} is ${token === "" ? "empty" : "not one word"}. Nothing was changed.`,
    expected: "a token exactly as Vault issued it, such as hvs.…",
  });
}
