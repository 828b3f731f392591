import { Command } from "commander";
import { describeProgram } from "../lib/host/installed-program";
import { packageRoot } from "../lib/host/package-root";
import { register as adopt } from "./adopt";
import { register as backupCreate } from "./backup";
import { register as backupList } from "./backup-list";
import { register as backupVerify } from "./backup-verify";
import { register as bootstrap } from "./bootstrap";
import { register as keyLimit } from "./budget";
import { register as bundle } from "./bundle";
import { register as check } from "./check";
import { refuseUnknown } from "./command";
import { register as completion } from "./completion";
import { register as connect } from "./connect";
import { register as destroy } from "./destroy";
import { register as doctor } from "./doctor";
import { register as drift } from "./drift";
import { addHelp } from "./help";
import { register as help } from "./help-command";
import { register as install } from "./install";
import { register as login } from "./login";
import { register as migrateSeal } from "./migrate-seal";
import { print, say } from "./output";
import { register as placeSeal } from "./place-seal";
import { register as prepareContainer } from "./prepare-container";
import { register as rebuild } from "./rebuild";
import { register as renewIdentities } from "./recover";
import { register as restore } from "./restore";
import { register as keyRotate } from "./rotate";
import { register as sandbox } from "./sandbox";
import { register as scheduleAdd } from "./schedule-add";
import { register as scheduleList } from "./schedule-list";
import { register as scheduleRemove } from "./schedule-remove";
import { register as sharesStatus } from "./shares";
import { register as sharesExport } from "./shares-export";
import { register as sharesRemove } from "./shares-forget";
import { register as sharesRekey } from "./shares-rekey";
import { register as stateMove } from "./state-move";
import { register as status } from "./status";
import { register as storeKey } from "./store-key";
import { register as synth } from "./synth";
import { register as unseal } from "./unseal";
import { register as up } from "./up";
import { register as upgrade } from "./upgrade";
import { register as verify } from "./verify";

/** Adds a command to the program or to a group. */
type Register = (parent: Command) => void;

/** A word that stands before the commands of one thing. */
interface Group {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Register[];
}

/** In the order in which `--help` lists them, under these headings. */
const sections: readonly (readonly [heading: string, entries: readonly (Register | Group)[]])[] = [
  ["Deploy and check:", [up, check, drift, status, doctor, destroy]],
  [
    "Keep it running:",
    [
      {
        name: "schedule",
        summary: "have the host run commands by itself",
        commands: [scheduleAdd, scheduleList, scheduleRemove],
      },
      { name: "key", summary: "replace or limit the OpenRouter key", commands: [keyRotate, keyLimit] },
      {
        name: "shares",
        summary: "show, export, remove or replace the unseal key shares",
        commands: [sharesStatus, sharesExport, sharesRemove, sharesRekey],
      },
      {
        name: "vault",
        summary: "unseal, open, move or upgrade Vault",
        commands: [unseal, login, upgrade, migrateSeal, renewIdentities],
      },
      {
        name: "backup",
        summary: "make, list or verify backups",
        commands: [backupCreate, backupList, backupVerify],
      },
    ],
  ],
  [
    "When something is lost:",
    [
      restore,
      rebuild,
      { name: "state", summary: "re-create or move Terraform's state", commands: [adopt, stateMove] },
    ],
  ],
  ["Other:", [synth, sandbox, bundle, completion, help]],
];

/** What Terraform's local-exec runs: not for people. */
const steps: readonly Register[] = [
  prepareContainer,
  placeSeal,
  bootstrap,
  connect,
  storeKey,
  install,
  verify,
];

/** The command line with all its commands: what is run, and what help, completion and the commands' pages are made from. */
export function buildProgram(): Command {
  const program = new Command("openclaw-openrouter")
    .description(
      "Deploys an OpenClaw host's Vault, its OpenRouter key and OpenClaw's configuration, and checks them.",
    )
    .usage("[command]")
    .version(
      describeProgram(packageRoot()),
      "-V, --version",
      "print the version, its commit, and where it is",
    )
    .helpCommand(false)
    .enablePositionalOptions()
    .showHelpAfterError("(--help shows what there is)")
    .configureOutput({ writeOut: print, writeErr: (text) => say(text.replace(/\n$/, "")) })
    .exitOverride();
  refuseOthers(program);
  for (const [heading, entries] of sections) {
    program.commandsGroup(heading);
    for (const entry of entries) {
      if (typeof entry === "function") entry(program);
      else addGroup(program, entry);
    }
  }
  for (const register of steps) register(program);
  addHelp(program);
  return program;
}

function addGroup(program: Command, { name, summary, commands }: Group): void {
  const group = program.command(name).description(summary).helpCommand(false).usage("<command>");
  refuseOthers(group);
  for (const register of commands) register(group);
}

/** What is said of a word that is no command here names the nearest one of the whole program. */
function refuseOthers(parent: Command): void {
  parent.on("command:*", (words: readonly string[]) => refuseUnknown(parent, words[0] ?? ""));
}
