#!/usr/bin/env node
// The program's first file. Plain JavaScript of the oldest Node that is supported: in a fresh clone it must run before any
// package is installed. There it installs what is missing and compiles what changed; in the published package both are done.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

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

// What is private has a mode of its own. All else is for reading and for nobody else's writing, whatever the caller's umask:
// programs are run from the cache, and Vault's container runs as another user.
process.umask(0o022);

const verb = process.argv[2];
const isClone = existsSync(join(root, "scripts", "prepare-clone.mjs"));
const isDevelopment = isClone && ["test", "bench", "generate"].includes(verb);
if (isClone) {
  const { carriedKit, prepareClone } = await import("./prepare-clone.mjs");
  await prepareClone(root, { development: isDevelopment, kit: carriedKit(process.argv) });
}
process.env.OPENCLAW_OPENROUTER_BIN = fileURLToPath(import.meta.url);
process.env.OPENCLAW_OPENROUTER_NODE = process.execPath;

const load = (name) => import(pathToFileURL(join(root, "dist", `${name}.mjs`)).href);
// What CDKTF runs as its app; all else is a verb.
if (verb === "app") await (await load("cli")).runApp(() => load("main"));
else if (isDevelopment) await (await load(verb)).main(process.argv.slice(3));
else await (await load("cli")).main(process.argv);
