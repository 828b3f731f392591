// Prepares a clone before the program runs: installs npm packages and compiles the TypeScript. Both only if missing or
// outdated.
import { spawnSync } from "node:child_process";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

const sources = ["lib", "scripts", "main.ts", "package-lock.json"];

/** The programs of the commands `test`, `hosts`, `bench` and `generate`, which are not part of the published package. */
export const developmentPrograms = {
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

/**
 * @param {string} root the checkout
 * @param {{development: boolean, bundle?: string}} options whether to install the tests' packages too, and the imported bundle
 *   with the packages for a host without network
 */
export async function prepareClone(root, { development, bundle }) {
  if (hasPackages(root, development) && isCompiled(root, development)) return;
  const lock = lockClone(root);
  try {
    installPackages(root, { development, bundle, lock });
    await compile(root, development);
  } finally {
    closeSync(lock);
  }
}

/**
 * Waits until no other run prepares this clone: two npm at once would remove each other's files. The kernel releases the lock
 * when the last process ends that has the file open: this one, and an npm that outlives it.
 * @returns {number} the open file that holds the lock
 */
function lockClone(root) {
  const path = join(root, "dist", ".preparing");
  let file;
  try {
    mkdirSync(join(root, "dist"), { recursive: true });
    file = openSync(path, "w");
  } catch (error) {
    return fail(
      `This clone has to be prepared (npm packages, compiled files), and ${root} cannot be written to:\n` +
        `${error.message}\nRun it once as the user that owns the folder, while it is writable.`,
    );
  }
  const flock = (...options) =>
    spawnSync("flock", [...options, "3"], {
      stdio: ["ignore", "inherit", "inherit", file],
      env: programEnvironment(),
    });
  // A host without the program flock has no lock; only two first runs at once would notice.
  if (flock("-n").status === 1) {
    process.stderr.write("Another run prepares this clone; waiting for it …\n");
    flock();
  }
  return file;
}

/**
 * The folder of `--bundle`, read before any package that parses options is installed.
 * @param {string[]} argv
 */
export function importedBundle(argv) {
  const at = argv.findIndex((argument) => /^--bundle(=|$)/.test(argument));
  if (at === -1) return undefined;
  const value = argv[at].includes("=") ? argv[at].slice("--bundle=".length) : argv[at + 1];
  return value && !value.startsWith("-") ? value : undefined;
}

function hasPackages(root, development) {
  const installed = modified(join(root, "node_modules", ".package-lock.json"));
  return installed >= modified(join(root, "package-lock.json")) && (hasTests(root) || !development);
}

/** Whether the tests' packages are installed, too. */
function hasTests(root) {
  return existsSync(join(root, "node_modules", "jest"));
}

function installPackages(root, { development, bundle, lock }) {
  if (hasPackages(root, development)) return;
  const npm = (args) => runNpm(root, args, lock);
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  if (!development && !hasTests(root)) args.push("--omit=dev");
  if (bundle === undefined) {
    process.stderr.write("Installing npm packages (some 15 s, once) …\n");
    // By default npm waits silently for over a minute between its attempts.
    if (npm([...args, "--fetch-retry-mintimeout=2000", "--fetch-retry-factor=2"])) return;
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
  // npm always writes to its cache, and the bundle can be read-only.
  const cache = mkdtempSync(join(tmpdir(), "openclaw-openrouter-npm-"));
  try {
    cpSync(join(bundle, "npm"), cache, { recursive: true });
    const { registry } = JSON.parse(readFileSync(manifest, "utf8")).npm;
    if (npm([...args, "--offline", `--cache=${cache}`, `--registry=${registry}`])) return;
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
  fail(
    "Packages that package-lock.json names are missing or damaged in the imported bundle. It has to be\n" +
      `made by the version that uses it; and \`cd ${bundle} && sha256sum -c --quiet SHA256SUMS\` shows damaged files.`,
  );
}

/** @returns {boolean} whether npm succeeded */
function runNpm(root, args, lock) {
  const own = join(dirname(process.execPath), "npm");
  const result = spawnSync(existsSync(own) ? own : "npm", args, {
    ...{ cwd: root, env: programEnvironment() },
    stdio: ["ignore", 2, 2, lock],
  });
  if (result.error?.code === "ENOENT")
    fail(
      "There is no npm on this host, and this clone needs the packages that it installs. Many distributions\n" +
        "have it apart from Node: apt-get install npm, dnf install nodejs-npm, apk add npm. Then run this again.",
    );
  return result.status === 0;
}

/**
 * As root, without the folders of the PATH in which another user could put a program, as `su` and `sudo -E` keep them. npm loads no
 * compiled code from the temporary folder, where other users can put it.
 */
function programEnvironment() {
  const environment = { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" };
  if (process.geteuid?.() !== 0) return environment;
  const folders = (process.env.PATH ?? "").split(":").filter(isRootsAlone);
  return { ...environment, PATH: [dirname(process.execPath), ...folders].join(":") };
}

/** Whether only root can put something into a folder, or exchange one on its way. In one such as /tmp nobody can exchange root's. */
function isRootsAlone(folder) {
  if (!folder.startsWith("/") || !existsSync(folder)) return false;
  const isRoots = (path, others) => {
    const { uid, mode } = statSync(path);
    return uid === 0 && ((mode & 0o022) === 0 || (mode & others) !== 0);
  };
  const real = realpathSync(folder);
  if (!isRoots(real, 0)) return false;
  for (let above = real; above !== "/"; ) {
    above = dirname(above);
    if (!isRoots(above, 0o1000)) return false;
  }
  return true;
}

function fail(message) {
  process.stderr.write(`\n${message.split("\n").map(shown).join("\n")}\n`);
  process.exit(1);
}

function isCompiled(root, development) {
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

async function compile(root, development) {
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

/** Removes control characters: the folder of --bundle is an untrusted text, and no package may be installed yet. */
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
