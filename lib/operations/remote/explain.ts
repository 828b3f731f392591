import type { RunResult } from "../../core/system/process";
import { oneLine } from "../../openrouter/scrub";
import type { Destination } from "./destinations";

/** Why a host gave no answer, and how to get one. */
export interface NoAnswer {
  readonly summary: string;
  readonly fix: string;
}

type Cause = readonly [sign: RegExp, summary: string, fix: (ssh: string) => string];

/** What OpenSSH says. It never asks here, so it fails where it would ask. */
const causes: readonly Cause[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|host key .{0,300} has changed/i,
    "its host key is another one than ssh knows: it was set up again, or this is another machine",
    (ssh) => `Find out which, on the host itself, before you remove the old key; then: ${ssh}`,
  ],
  [
    /Host key verification failed|No \S{1,40} host key is known/i,
    "ssh does not know its host key",
    (ssh) => `Once by hand, and compare the fingerprint: ${ssh}`,
  ],
  [
    /Permission denied|Too many authentication failures|no mutual signature/i,
    "ssh was refused: nobody is asked for a password or a passphrase here",
    (ssh) => `Have it log in by a key that ssh finds (ssh-add, ssh-copy-id), until this works: ${ssh} true`,
  ],
  [
    /Could not resolve hostname|Name or service not known/i,
    "its name is unknown",
    (ssh) => `Correct the list, or name it in your ssh configuration, until this works: ${ssh} true`,
  ],
  [
    /Connection refused/i,
    "it runs no ssh server at that port",
    (ssh) => `Start one, or name its port in your ssh configuration, until this works: ${ssh} true`,
  ],
  [
    /timed out|No route to host|Network is unreachable|not responding/i,
    "it does not answer",
    (ssh) => `Find out whether it is on, and reached from here, until this works: ${ssh} true`,
  ],
];

/** ssh itself failed. */
export function explainSsh(stderr: string, { address }: Destination): NoAnswer {
  const found = causes.find(([sign]) => sign.test(stderr));
  const ssh = `ssh ${address}`;
  if (found) return { summary: found[1], fix: found[2](ssh) };
  return { summary: `ssh failed: ${lastLine(stderr)}`, fix: `Find out why, until this works: ${ssh} true` };
}

/** The command did not run to its end. */
export function explainFailure(failure: string, { address }: Destination): NoAnswer {
  return {
    summary: `no answer: ${failure}`,
    fix: `See there what it waits for: ssh ${address}; --host-timeout gives it longer.`,
  };
}

/** The shell there found no program, or the program no Node. */
export function explainMissing({ stderr }: RunResult, { address }: Destination): NoAnswer {
  const isNode = /\bnode\b/.test(stderr);
  return {
    summary: isNode
      ? "its shell finds no Node.js"
      : "openclaw-openrouter is not installed there, or for another user",
    fix: isNode
      ? `Install Node.js where a shell without a login finds it: ssh ${address} node --version`
      : "Name the user who deployed (user@host) in the list, or deploy there with `up`, which installs it.",
  };
}

/** The last line that a program said, for a message. */
export function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return oneLine(lines.at(-1)?.slice(0, 2000) ?? "", "") || "it said nothing";
}
