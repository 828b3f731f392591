// What a clone needs before the program can run: npm packages, and the TypeScript compiled. Both only where missing or old.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

const sources = ["lib", "scripts", "main.ts", "package-lock.json"];

/** What the verbs `test`, `bench` and `generate` run: it is not part of the published package. */
export const developmentPrograms = {
  test: "test/run.ts",
  bench: "test/bench/run.ts",
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

/** What CommonJS packages and our own sources use, and ES modules do not have. */
const commonJsNames = `import { createRequire as requireOf } from "node:module";
import { dirname as folderOf } from "node:path";
import { fileURLToPath as pathOf } from "node:url";
const require = requireOf(import.meta.url), __filename = pathOf(import.meta.url), __dirname = folderOf(__filename);`;

/**
 * @param {string} root the checkout
 * @param {{development: boolean}} options whether the tests' packages are needed as well
 */
export async function prepareClone(root, { development }) {
  installPackages(root, development);
  await compile(root, development);
}

function installPackages(root, development) {
  const modules = join(root, "node_modules");
  const hasDevelopment = existsSync(join(modules, "jest"));
  const installed = modified(join(modules, ".package-lock.json"));
  if (installed >= modified(join(root, "package-lock.json")) && (hasDevelopment || !development)) return;
  process.stderr.write("Installing npm packages …\n");
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  if (!development && !hasDevelopment) args.push("--omit=dev");
  const npm = join(dirname(process.execPath), "npm");
  const result = spawnSync(existsSync(npm) ? npm : "npm", args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (result.status === 0) return;
  process.stderr.write(
    `\nnpm could not install the packages that package-lock.json names. See above why; then run this again.\n`,
  );
  process.exit(1);
}

async function compile(root, development) {
  const out = join(root, "dist");
  // A verb compiles less than the tests need: each has a stamp of its own.
  const stamps = (development ? ["program", "development"] : ["program"]).map((name) =>
    join(out, `.${name}`),
  );
  const oldest = Math.min(...stamps.map(modified));
  const looked = development ? [...sources, "test"] : sources;
  if (oldest >= Math.max(...looked.map((name) => newest(join(root, name))))) return;
  const started = new Date();
  const { build } = await import("esbuild");
  // Built beside and moved in, so that a second run at the same time never loads half a file.
  const draft = join(out, `draft-${process.pid}`);
  mkdirSync(join(draft, "chunks"), { recursive: true });
  mkdirSync(join(out, "chunks"), { recursive: true });
  try {
    await build({
      absWorkingDir: root,
      entryPoints: {
        cli: "scripts/cli.ts",
        main: "main.ts",
        ...(development ? developmentPrograms : {}),
      },
      outdir: draft,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      outExtension: { ".js": ".mjs" },
      // What a verb loads when it needs it is a file of its own: most verbs never read CDKTF's megabyte and a half.
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      banner: { js: commonJsNames },
      // jsonc-parser's main file is of a form that cannot be bundled.
      mainFields: ["module", "main"],
      logLevel: "warning",
      plugins: [withoutArchiver],
    });
    // The chunks first: they are named by their content, and what names them comes last.
    for (const folder of ["chunks", "."]) {
      for (const entry of readdirSync(join(draft, folder), { withFileTypes: true })) {
        if (entry.isFile()) renameSync(join(draft, folder, entry.name), join(out, folder, entry.name));
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
  }
}

/** Chunks of earlier builds: kept for a day, since a program that was started before the build may still load one. */
function removeOldChunks(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - modified(path) > 86_400_000) rmSync(path, { force: true });
  }
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry?.isDirectory()) return entry?.mtimeMs ?? 0;
  return Math.max(entry.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
