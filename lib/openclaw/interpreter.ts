import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../core/errors";
import { findProgram } from "../core/system/find-program";
import type { Account } from "../core/system/os-user";
import { exchangeable } from "../host/trusted-files";
import { versionOfUsersProgram } from "../host/users-program";

/** A path of an interpreter: the kernel reads no more of a script's first line, and a blank in it ends the path. */
export const usable = /^\/\S{1,240}$/;

interface InterpreterOptions {
  /** Who runs OpenClaw. */
  readonly account: Account;
  /** `openclaw.node` in the settings. */
  readonly declared: string | undefined;
  /** The Node of the previous install: kept while it runs, so that a second deploy changes nothing. */
  readonly earlier: string | undefined;
}

/**
 * The Node that runs the resolver: preferably the one beside the program `openclaw`.
 * @throws UserError if that user can run none
 */
export function findInterpreter({ account, declared, earlier }: InterpreterOptions): string {
  const candidates = declared === undefined ? [earlier ?? [], usualPlaces()].flat() : [declared];
  const found = candidates.find((path) => usable.test(path) && runs(path, account));
  if (found !== undefined) return found;
  throw new UserError({
    problem: `The user ${account.name} can run no Node, and the gateway needs it to get the key.`,
    got: `none of ${candidates.join(", ")} runs as that user`,
    expected: `a Node from version ${oldest} on that this user can run${account.uid === 0 ? " and no other user can exchange" : ""}, by a path without blanks of at most 240 characters`,
    fix: "Set `openclaw.node` in the settings to the Node that runs OpenClaw.",
  });
}

function usualPlaces(): string[] {
  const openclaw = findProgram("openclaw");
  const beside = openclaw && join(dirname(openclaw), "node");
  const places = [
    beside && existsSync(beside) ? beside : undefined,
    process.execPath,
    findProgram("node"),
    "/usr/local/bin/node",
    "/usr/bin/node",
  ];
  return [...new Set(places.filter((path) => path !== undefined))];
}

/** The oldest major version on which the resolver is tested. A distribution's own Node can be older than OpenClaw's. */
const oldest = 20;

/** Root runs none that others can change. */
function runs(path: string, account: Account): boolean {
  if (account.uid === 0 && exchangeable([path])) return false;
  const [, major = "0"] = /^v(\d+)\./.exec(versionOfUsersProgram(path, account) ?? "") ?? [];
  return Number(major) >= oldest;
}
