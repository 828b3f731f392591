import { Command } from "commander";
import { packageRoot } from "../core/system/package-root";
import { describeProgram } from "../host/installed-program";
import { refuseEmpty, refuseUnknown } from "./command";
import { register as alertsAdd } from "./commands/alerts-add";
import { register as alertsHeartbeat } from "./commands/alerts-heartbeat";
import { register as alertsList } from "./commands/alerts-list";
import { register as alertsRemove } from "./commands/alerts-remove";
import { register as alertsTest } from "./commands/alerts-test";
import { register as backupCreate } from "./commands/backup-create";
import { register as backupList } from "./commands/backup-list";
import { register as backupVerify } from "./commands/backup-verify";
import { register as bundle } from "./commands/bundle";
import { register as check } from "./commands/check";
import { register as completion } from "./commands/completion";
import { register as destroy } from "./commands/destroy";
import { register as doctor } from "./commands/doctor";
import { register as drift } from "./commands/drift";
import { register as hostEvict } from "./commands/host-evict";
import { register as hostInvite } from "./commands/host-invite";
import { register as hostJoin } from "./commands/host-join";
import { register as hostList } from "./commands/host-list";
import { register as hostRotate } from "./commands/host-rotate";
import { register as keyLimit } from "./commands/key-limit";
import { register as keyRotate } from "./commands/key-rotate";
import { register as rebuild } from "./commands/rebuild";
import { register as restore } from "./commands/restore";
import { register as sandbox } from "./commands/sandbox";
import { register as scheduleAdd } from "./commands/schedule-add";
import { register as scheduleList } from "./commands/schedule-list";
import { register as scheduleRemove } from "./commands/schedule-remove";
import { register as sharesExport } from "./commands/shares-export";
import { register as sharesRekey } from "./commands/shares-rekey";
import { register as sharesRemove } from "./commands/shares-remove";
import { register as sharesStatus } from "./commands/shares-status";
import { register as adopt } from "./commands/state-adopt";
import { register as stateMove } from "./commands/state-move";
import { register as status } from "./commands/status";
import { register as synth } from "./commands/synth";
import { registerDeploy as deploy, register as up } from "./commands/up";
import { register as login } from "./commands/vault-login";
import { register as migrateSeal } from "./commands/vault-migrate-seal";
import { register as renewIdentities } from "./commands/vault-renew-identities";
import { register as unseal } from "./commands/vault-unseal";
import { register as upgrade } from "./commands/vault-upgrade";
import type { Register } from "./define-command";
import { addHelp, helpConfiguration } from "./help";
import { register as help } from "./help-command";
import { print, say } from "./output";
import { register as bootstrap } from "./steps/bootstrap";
import { register as connect } from "./steps/connect";
import { register as install } from "./steps/install";
import { register as placeSeal } from "./steps/place-seal";
import { register as prepareContainer } from "./steps/prepare-container";
import { register as storeKey } from "./steps/store-key";
import { register as verify } from "./steps/verify";

/** A group of commands on one subject. */
interface Group {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Register[];
}

/** The sections of `--help`, in this order. */
const sections: readonly (readonly [heading: string, entries: readonly (Register | Group)[]])[] = [
  ["Deploy and check:", [up, deploy, check, drift, status, doctor, destroy]],
  [
    "Keep it running:",
    [
      {
        name: "schedule",
        summary: "schedule commands on the host",
        commands: [scheduleAdd, scheduleList, scheduleRemove],
      },
      {
        name: "alerts",
        summary: "tell a person of spending, a sealed Vault and more",
        commands: [alertsAdd, alertsList, alertsRemove, alertsTest, alertsHeartbeat],
      },
      { name: "key", summary: "replace or limit the OpenRouter key", commands: [keyRotate, keyLimit] },
      {
        name: "shares",
        summary: "show, export, remove or replace the unseal key shares",
        commands: [sharesStatus, sharesExport, sharesRemove, sharesRekey],
      },
      {
        name: "vault",
        summary: "unseal, log in to, migrate or upgrade Vault",
        commands: [unseal, login, upgrade, migrateSeal, renewIdentities],
      },
      {
        name: "host",
        summary: "let other OpenClaw hosts use this Vault",
        commands: [hostInvite, hostJoin, hostList, hostRotate, hostEvict],
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

/** Hidden commands that Terraform's local-exec runs. */
const steps: readonly Register[] = [
  prepareContainer,
  placeSeal,
  bootstrap,
  connect,
  storeKey,
  install,
  verify,
];

/** The command line with all its commands. Help, completion and the pages of the commands are generated from it. */
export function buildProgram(): Command {
  const program = new Command("openclaw-openrouter")
    .description(
      "Deploys an OpenClaw host's Vault, its OpenRouter key and OpenClaw's configuration, and checks them.",
    )
    .usage("[command]")
    .version(describeProgram(packageRoot()), "-V, --version", "print the version, its commit and its folder")
    .helpCommand(false)
    .helpOption("-h, --help", "print this help")
    .configureHelp(helpConfiguration)
    .enablePositionalOptions()
    .showHelpAfterError("(--help lists commands, and their options, which come after the command)")
    .configureOutput({ writeOut: print, writeErr: (text) => say(text.replace(/\n$/, "")) })
    .exitOverride()
    .hook("preAction", (_, command) => refuseEmpty(command));
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

/** Makes the error for an unknown command name the nearest command of the whole program. */
function refuseOthers(parent: Command): void {
  parent.on("command:*", (words: readonly string[]) => refuseUnknown(parent, words[0] ?? ""));
}
