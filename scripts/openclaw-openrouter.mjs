#!/usr/bin/env node
// The program's entry file. Plain JavaScript for the oldest supported Node: in a fresh clone it runs before any package is
// installed. There it installs missing packages and compiles changed files; the published package is already complete.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

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

const load = (name) => import(pathToFileURL(join(root, "dist", `${name}.mjs`)).href);
// CDKTF runs `app`; everything else is a command.
if (command === "app") await (await load("cli")).runApp(() => load("main"));
else if (isDevelopment) await (await load(command)).main(process.argv.slice(3));
else await (await load("cli")).main(process.argv);

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
