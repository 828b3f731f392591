#!/usr/bin/env node
// The program's entry file. Plain JavaScript for the oldest supported Node: in a fresh clone it runs before any package is
// installed. There it installs missing packages and compiles changed files; the published package is already complete.
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cachedDataVersionTag, setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

/**
 * Removes control characters from a text of the environment or the arguments. Does not use a package, because none may be
 * installed yet.
 */
const shown = (text) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, " ");

/** Node options that change only its memory and output, not what it trusts or loads. */
const harmless =
  /^--(max-(old-space|semi-space|http-header)-size=\d+|(no-)?(warnings|deprecation)|disable-warning=\w+|trace-(warnings|deprecation|uncaught)|enable-source-maps|stack-trace-limit=\d+|dns-result-order=\w+|(no-|enable-)?network-family-autoselection|network-family-autoselection-attempt-timeout=\d+|use-(system|bundled|openssl)-ca|unhandled-rejections=\w+)$/;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 9)) {
  process.stderr.write(`openclaw-openrouter needs Node 20.9 or later; this is ${process.versions.node}.\n`);
  process.exit(1);
}
if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) {
  process.stderr.write(
    `openclaw-openrouter runs on Linux, amd64 or arm64; this is ${process.platform} ${process.arch}.\n`,
  );
  process.exit(1);
}

refuseWeakened(process.env);
leaveOutCurrentFolder(process.env);

// Everybody can read new files and nobody else can write to them, whatever the caller's umask: programs run from the cache, and
// Vault's container runs as another user. Private files set their own mode.
process.umask(0o022);

const command = process.argv[2];
const isClone = existsSync(join(root, "scripts", "prepare-clone.mjs"));
const isDevelopment = isClone && ["test", "hosts", "bench", "generate"].includes(command);
if (isClone) {
  const { importedBundle, prepareClone } = await import("./prepare-clone.mjs");
  const secrets = takeSecrets(process.env);
  await prepareClone(root, { development: isDevelopment, bundle: importedBundle(process.argv) });
  Object.assign(process.env, secrets);
}
process.env.OPENCLAW_OPENROUTER_BIN = fileURLToPath(import.meta.url);
process.env.OPENCLAW_OPENROUTER_NODE = process.execPath;

// CDKTF runs `app`; everything else is a command.
if (command === "app") await load("cli").runApp();
else if (isDevelopment) await load(command).main(process.argv.slice(3));
else await load("cli").main(process.argv);

/**
 * Loads a compiled file. V8 would take a third of a command's processor time to compile it again. So what it made of it is kept
 * beside it, for each command, of what that one ran. V8 refuses the work of another version or with other flags.
 */
function load(name) {
  const path = join(root, "dist", `${name}.cjs`);
  // V8 forgets what it made of a function that ran long ago, such as the outermost one.
  setFlagsFromString("--no-flush-bytecode");
  const code = readFileSync(path, "latin1");
  // V8 itself compares only the code's length. No copy keeps the time of the last change.
  const build = `${statSync(path).ctimeMs}-${cachedDataVersionTag().toString(16)}`;
  const [word = "overview"] = /^[\w-]+$/.exec(command ?? "") ?? [];
  const kept = join(root, "dist", ".compiled", build, word);
  // A run that fails needs less: its own is taken until one succeeds.
  const ofFailed = `${kept}.failed`;
  const cachedData = readIfThere(kept) ?? readIfThere(ofFailed);
  const script = new Script(Module.wrap(code), { filename: path, cachedData });
  process.once("exit", (exitCode) => {
    const place = exitCode ? ofFailed : kept;
    const isMissing = script.cachedDataRejected || ![kept, place].some(existsSync);
    // With wrong usage the word is no command.
    if (isMissing && exitCode !== 64) keep(script, place);
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
  return module.exports;
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** In its owner's own runs alone: nobody else leaves a file in a folder of the program. Without it a run only takes longer. */
function keep(script, path) {
  try {
    if (statSync(join(root, "dist")).uid !== process.geteuid()) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, script.createCachedData(), { flush: true });
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // The disk is full, or cannot be written to.
  }
}

/** An empty or relative entry of the PATH is the current folder or one in it, where another user could put a program. */
function leaveOutCurrentFolder(environment) {
  const folders = (environment.PATH ?? "").split(":").filter((folder) => folder.startsWith("/"));
  // An empty PATH is the current folder, too; without one the system's usual one is taken.
  if (folders.length > 0) environment.PATH = folders.join(":");
  else delete environment.PATH;
}

/** Removes secrets from the environment while npm and esbuild run, which do not need them. */
function takeSecrets(environment) {
  const taken = Object.entries(environment).filter(([name]) => /^(OPENROUTER_|TF_VAR_|VAULT_)/.test(name));
  for (const [name] of taken) delete environment[name];
  return Object.fromEntries(taken);
}

/**
 * Ignores or refuses variables and options of Node that disable the verification of certificates, send every call through a
 * proxy, log the keys of connections or load other code. A message says so.
 */
function refuseWeakened(environment) {
  for (const name of ["NODE_TLS_REJECT_UNAUTHORIZED", "SSLKEYLOGFILE"]) {
    if (environment[name] === undefined) continue;
    delete environment[name];
    process.stderr.write(
      `! ${name} is ignored: certificates are verified, and keys of connections are never stored.\n`,
    );
  }
  const refused = [
    ...["NODE_USE_ENV_PROXY", "NODE_DEBUG", "NODE_DEBUG_NATIVE"].filter((name) => environment[name]),
    ...(environment.NODE_OPTIONS ?? "").split(/\s+/).filter((option) => option && !harmless.test(option)),
    ...process.execArgv.filter((option) => !harmless.test(option)),
  ];
  if (refused.length === 0) return;
  process.stderr.write(
    `Node is started with ${refused.map((each) => `"${shown(each)}"`).join(", ")} here, with which a secret could leave this program.\n` +
      "  fix:   unset NODE_OPTIONS, NODE_DEBUG and NODE_USE_ENV_PROXY (a proxy is named by HTTPS_PROXY)\n",
  );
  process.exit(64);
}
