// Compiles a clone's TypeScript, if it is missing or outdated.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";

const sources = ["lib", "scripts", "main.ts", "package-lock.json"];

/** The programs of the commands `test`, `hosts`, `bench` and `generate`, which are not part of the published package. */
const developmentPrograms = {
  test: "test/run.ts",
  hosts: "test/hosts/run.ts",
  "hosts-row": "test/hosts/run-row.ts",
  bench: "test/bench/run.ts",
  "bench-sandbox": "test/bench/steered-sandbox.ts",
  "bench-synthesize": "test/bench/synthesize.ts",
  generate: "scripts/generate.ts",
};

/** CDKTF always loads a zip library, but needs it only for assets, which the stacks here do not have. */
const withoutArchiver = {
  name: "without-archiver",
  setup(build) {
    build.onResolve({ filter: /^archiver$/ }, ({ path }) => ({ path, namespace: "left-out" }));
    build.onLoad({ filter: /^archiver$/, namespace: "left-out" }, () => ({ contents: "" }));
  },
};

/**
 * Zod's messages in fifty languages are half of its size. Most messages are this program's own, so only Zod's English ones
 * stay.
 */
const inEnglish = {
  name: "in-english",
  setup(build) {
    build.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** A dynamic import, with which a module loads another one when a command needs it. */
const loadLater = /\bimport\(\s*"(\.[^"]+)"\s*\)/g;
/** Heavy modules that are rarely needed: each stays a separate file. */
const heavy = /\/(build-app|certificates|proxied-fetch)$/;

/**
 * esbuild makes a file for each dynamic import and for each shared part: two hundred files, for which Node needs a fifth of a
 * command's processor time. This plugin makes one file of them, in which each module still runs only when it is needed.
 */
const inOneFile = {
  name: "in-one-file",
  setup(build) {
    const root = build.initialOptions.absWorkingDir;
    const moduleOf = (from, name) => `./${relative(root, join(dirname(from), name))}`;
    build.onResolve({ filter: /^later$/ }, ({ path }) => ({ path, namespace: "one-file" }));
    build.onLoad({ filter: /^later$/, namespace: "one-file" }, () => {
      const found = filesBelow(root, ["lib", "scripts"]).flatMap((path) =>
        [...readFileSync(path, "utf8").matchAll(loadLater)].map(([, name]) => moduleOf(path, name)),
      );
      const modules = [...new Set(found)].filter((name) => !heavy.test(name)).sort();
      const lines = modules.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)}),`);
      return { contents: `export const modules = {\n${lines.join("\n")}\n};`, resolveDir: root };
    });
    build.onLoad({ filter: /\/(lib|scripts)\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(loadLater, (whole, name) =>
        heavy.test(name)
          ? whole
          : `import("later").then(({ modules }) => modules[${JSON.stringify(moduleOf(path, name))}]())`,
      ),
      loader: "ts",
    }));
  },
};

/** Names that CommonJS packages and the sources here use, and that ES modules do not have. */
const commonJsNames = `import { createRequire as __requireOf } from "node:module";
import { dirname as __folderOf } from "node:path";
import { fileURLToPath as __pathOf } from "node:url";
const require = __requireOf(import.meta.url), __filename = __pathOf(import.meta.url), __dirname = __folderOf(__filename);`;

/** Whether what a run loads is newer than its sources. */
export function isCompiled(root, development) {
  const out = join(root, "dist");
  // Removing `dist/*` leaves the stamps, which are hidden files.
  const oldest = existsSync(join(out, "cli.mjs"))
    ? Math.min(...stampsOf(root, development).map(modified))
    : 0;
  const looked = development ? [...sources, "test"] : sources;
  return oldest >= Math.max(...looked.map((name) => newest(join(root, name))));
}

/** A command compiles less than the tests need, so each has its own stamp. */
function stampsOf(root, development) {
  return (development ? ["program", "development"] : ["program"]).map((name) =>
    join(root, "dist", `.${name}`),
  );
}

export async function compile(root, development) {
  if (isCompiled(root, development)) return;
  const out = join(root, "dist");
  const started = new Date();
  const { build, stop } = await import("esbuild");
  // Built in a draft folder and then moved, so that a concurrent run never loads half a file.
  const draft = join(out, `draft-${process.pid}`);
  mkdirSync(join(draft, "chunks"), { recursive: true });
  mkdirSync(join(out, "chunks"), { recursive: true });
  try {
    await build({
      absWorkingDir: root,
      entryPoints: {
        cli: "lib/cli/cli.ts",
        main: "main.ts",
        ...(development ? developmentPrograms : {}),
      },
      outdir: draft,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      outExtension: { ".js": ".mjs" },
      // Code that is loaded on demand is a separate file: most commands never read CDKTF's 1.5 MB.
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      banner: { js: commonJsNames },
      // The form of jsonc-parser's main file cannot be bundled.
      mainFields: ["module", "main"],
      logLevel: "warning",
      plugins: [withoutArchiver, inEnglish, inOneFile],
    });
    // The chunks first: their names depend on their content, and the files that refer to them come last.
    for (const folder of ["chunks", "."]) {
      for (const entry of readdirSync(join(draft, folder), { withFileTypes: true })) {
        if (!entry.isFile()) continue;
        leaveOutUnused(join(draft, folder, entry.name));
        renameSync(join(draft, folder, entry.name), join(out, folder, entry.name));
      }
    }
    removeOldChunks(join(out, "chunks"));
    for (const stamp of stampsOf(root, development)) {
      writeFileSync(stamp, "");
      // Dated to the start, so that a file that changes during the build is newer.
      utimesSync(stamp, started, started);
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
    await stop();
  }
}

/** Removes {@link commonJsNames} from a chunk without use of them: most chunks do not need them, and their setup takes time. */
function leaveOutUnused(path) {
  const code = readFileSync(path, "utf8");
  const body = code.replace(commonJsNames, "");
  if (!/\b(require|__filename|__dirname)\b/.test(body)) writeFileSync(path, body);
}

/** Removes chunks of earlier builds after a day: a program that started before the build can still load one. */
function removeOldChunks(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - modified(path) > 86_400_000) rmSync(path, { force: true });
  }
}

/** The full paths of TypeScript files. */
function filesBelow(root, folders) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(root, folder, name)),
  );
}

/** When a path was last changed; 0 for a missing one. */
export function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry?.isDirectory()) return entry?.mtimeMs ?? 0;
  return Math.max(entry.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
