import { Command } from "commander";
import { describeProgram } from "../lib/host/installed-program";
import { packageRoot } from "../lib/host/package-root";
import { register as adopt } from "./adopt";
import { register as backup } from "./backup";
import { register as bootstrap } from "./bootstrap";
import { register as budget } from "./budget";
import { register as check } from "./check";
import { register as completion } from "./completion";
import { register as connect } from "./connect";
import { register as destroy } from "./destroy";
import { register as doctor } from "./doctor";
import { register as drift } from "./drift";
import { addHelp } from "./help";
import { register as install } from "./install";
import { register as kit } from "./kit";
import { register as login } from "./login";
import { register as migrateSeal } from "./migrate-seal";
import { register as models } from "./models";
import { print, say } from "./output";
import { register as placeSeal } from "./place-seal";
import { register as prepareContainer } from "./prepare-container";
import { register as rebuild } from "./rebuild";
import { register as recover } from "./recover";
import { register as restore } from "./restore";
import { register as rotate } from "./rotate";
import { register as sandbox } from "./sandbox";
import { register as shares } from "./shares";
import { register as status } from "./status";
import { register as storeKey } from "./store-key";
import { register as synth } from "./synth";
import { register as unseal } from "./unseal";
import { register as up } from "./up";
import { register as upgrade } from "./upgrade";
import { register as verify } from "./verify";

/** In the order in which `--help` lists them. */
const verbs = [
  up,
  check,
  drift,
  rotate,
  budget,
  unseal,
  backup,
  restore,
  rebuild,
  upgrade,
  shares,
  migrateSeal,
  recover,
  adopt,
  login,
  models,
  status,
  doctor,
  kit,
  destroy,
  synth,
  sandbox,
  completion,
  prepareContainer,
  placeSeal,
  bootstrap,
  connect,
  storeKey,
  install,
  verify,
];

/** The command line with all its verbs: what is run, and what help, completion and the pages of verbs are made from. */
export function buildProgram(): Command {
  const program = new Command("openclaw-openrouter")
    .description(
      "Deploys an OpenClaw host's Vault, its OpenRouter key and OpenClaw's configuration, and checks them.",
    )
    .version(
      describeProgram(packageRoot()),
      "-V, --version",
      "print the version, its commit, and where it is",
    )
    .helpCommand("help [verb]", "print the same as `<verb> --help`")
    .showHelpAfterError("(--help tells what there is)")
    .configureOutput({ writeOut: print, writeErr: (text) => say(text.replace(/\n$/, "")) })
    .exitOverride();
  for (const register of verbs) register(program);
  addHelp(program);
  return program;
}
