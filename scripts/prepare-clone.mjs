// What a clone needs before the program can run: npm packages, and the TypeScript compiled. Both only where missing or old.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

const sources = ["lib", "scripts", "main.ts", "package-lock.json"];

/** What the commands `test`, `bench` and `generate` run: it is not part of the published package. */
export const developmentPrograms = {
  test: "test/run.ts",
  bench: "test/bench/run.ts",
  "bench-synthesize": "test/bench/synthesize.ts",
  generate: "scripts/generate.ts",
};

/** CDKTF loads a library for zips whenever it starts, and uses it for assets, of which our stacks have none. */
const withoutArchiver = {
  name: "without-archiver",
  setup(build) {
    build.onResolve({ filter: /^archiver$/ }, ({ path }) => ({ path, namespace: "left-out" }));
    build.onLoad({ filter: /^archiver$/, namespace: "left-out" }, () => ({ contents: "" }));
  },
};

/** Zod has its messages in fifty languages, which is half of it: we write our own, and of Zod's the English ones are left. */
const inEnglish = {
  name: "in-english",
  setup(build) {
    build.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** A point at which our own modules load another one once a command needs it. */
const loadLater = /\bimport\(\s*"(\.[^"]+)"\s*\)/g;
/** What is heavy and rarely needed: each stays a file of its own. */
const heavy = /\/(build-app|certificates|proxied-fetch)$/;

/**
 * esbuild makes a file of all that is loaded at such a point, and of what any set of them shares: two hundred files, and Node
 * takes a fifth of a command's processor time to find and link them. So all of it is one file, in which each module still runs
 * only when it is needed.
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

/** What CommonJS packages and our own sources use, and ES modules do not have. */
const commonJsNames = `import { createRequire as __requireOf } from "node:module";
import { dirname as __folderOf } from "node:path";
import { fileURLToPath as __pathOf } from "node:url";
const require = __requireOf(import.meta.url), __filename = __pathOf(import.meta.url), __dirname = __folderOf(__filename);`;

/**
 * @param {string} root the checkout
 * @param {{development: boolean, bundle?: string}} options whether the tests' packages are needed as well, and the imported bundle
 *   that the packages come from, where there is no network
 */
export async function prepareClone(root, { development, bundle }) {
  installPackages(root, development, bundle);
  await compile(root, development);
}

/**
 * The folder that `--bundle` names, read before there is a package that reads options.
 * @param {string[]} argv
 */
export function importedBundle(argv) {
  const at = argv.findIndex((argument) => /^--bundle(=|$)/.test(argument));
  if (at === -1) return undefined;
  const value = argv[at].includes("=") ? argv[at].slice("--bundle=".length) : argv[at + 1];
  return value && !value.startsWith("-") ? value : undefined;
}

function installPackages(root, development, bundle) {
  const modules = join(root, "node_modules");
  const hasDevelopment = existsSync(join(modules, "jest"));
  const installed = modified(join(modules, ".package-lock.json"));
  if (installed >= modified(join(root, "package-lock.json")) && (hasDevelopment || !development)) return;
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  if (!development && !hasDevelopment) args.push("--omit=dev");
  if (bundle === undefined) {
    process.stderr.write("Installing npm packages (some 15 s, once) …\n");
    // npm's own waits between its attempts would be over a minute in which it says nothing.
    if (npm(root, [...args, "--fetch-retry-mintimeout=2000", "--fetch-retry-factor=2"])) return;
    return fail(
      "npm could not install the packages that package-lock.json names: see above why, then run this\n" +
        "again. A host without a network takes them from an imported bundle: `openclaw-openrouter bundle --out DIR`\n" +
        "on another one, and here --bundle DIR (`npm start -- --bundle DIR`).",
    );
  }
  const manifest = join(bundle, "bundle.json");
  if (!existsSync(manifest))
    return fail(`The folder of --bundle holds no imported bundle: there is no ${manifest}.`);
  process.stderr.write(`Installing npm packages from ${shown(bundle)} …\n`);
  // npm writes into its cache even where it only reads, and what was carried may be read-only.
  const cache = mkdtempSync(join(tmpdir(), "openclaw-openrouter-npm-"));
  try {
    cpSync(join(bundle, "npm"), cache, { recursive: true });
    const { registry } = JSON.parse(readFileSync(manifest, "utf8")).npm;
    if (npm(root, [...args, "--offline", `--cache=${cache}`, `--registry=${registry}`])) return;
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
  fail(
    "The packages that package-lock.json names are not all in the imported bundle, or are damaged there. It has to be\n" +
      `made by the version that uses it; and \`cd ${bundle} && sha256sum -c --quiet SHA256SUMS\` tells whether it is whole.`,
  );
}

/** @returns {boolean} whether npm did it */
function npm(root, args) {
  const own = join(dirname(process.execPath), "npm");
  const result = spawnSync(existsSync(own) ? own : "npm", args, { cwd: root, stdio: ["ignore", 2, 2] });
  return result.status === 0;
}

function fail(message) {
  process.stderr.write(`\n${message.split("\n").map(shown).join("\n")}\n`);
  process.exit(1);
}

async function compile(root, development) {
  const out = join(root, "dist");
  // A command compiles less than the tests need: each has a stamp of its own.
  const stamps = (development ? ["program", "development"] : ["program"]).map((name) =>
    join(out, `.${name}`),
  );
  // Who empties the folder by `dist/*` leaves the stamps, which are hidden.
  const oldest = existsSync(join(out, "cli.mjs")) ? Math.min(...stamps.map(modified)) : 0;
  const looked = development ? [...sources, "test"] : sources;
  if (oldest >= Math.max(...looked.map((name) => newest(join(root, name))))) return;
  const started = new Date();
  const { build, stop } = await import("esbuild");
  // Built beside and moved in, so that a second run at the same time never loads half a file.
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
      // What a command loads when it needs it is a file of its own: most commands never read CDKTF's megabyte and a half.
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      banner: { js: commonJsNames },
      // jsonc-parser's main file is of a form that cannot be bundled.
      mainFields: ["module", "main"],
      logLevel: "warning",
      plugins: [withoutArchiver, inEnglish, inOneFile],
    });
    // The chunks first: they are named by their content, and what names them comes last.
    for (const folder of ["chunks", "."]) {
      for (const entry of readdirSync(join(draft, folder), { withFileTypes: true })) {
        if (!entry.isFile()) continue;
        leaveOutUnused(join(draft, folder, entry.name));
        renameSync(join(draft, folder, entry.name), join(out, folder, entry.name));
      }
    }
    removeOldChunks(join(out, "chunks"));
    for (const stamp of stamps) {
      writeFileSync(stamp, "");
      // As old as the start: a file that changes meanwhile is newer.
      utimesSync(stamp, started, started);
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
    await stop();
  }
}

/** Most of the hundred chunks that a command loads use none of {@link commonJsNames}, and setting them up takes each a while. */
function leaveOutUnused(path) {
  const code = readFileSync(path, "utf8");
  const body = code.replace(commonJsNames, "");
  if (!/\b(require|__filename|__dirname)\b/.test(body)) writeFileSync(path, body);
}

/** Chunks of earlier builds: kept for a day, since a program that was started before the build may still load one. */
function removeOldChunks(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - modified(path) > 86_400_000) rmSync(path, { force: true });
  }
}

/** TypeScript's files, whole paths. */
function filesBelow(root, folders) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(root, folder, name)),
  );
}

/** The folder of --bundle is anybody's text, and no package is there yet that would clean it. */
function shown(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, " ");
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry?.isDirectory()) return entry?.mtimeMs ?? 0;
  return Math.max(entry.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
