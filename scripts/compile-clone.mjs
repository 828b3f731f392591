// Compiles a clone's TypeScript, if it is missing or outdated.
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
import { join } from "node:path";

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

/** openpgp's license lets a user replace it, so it stays a file of its own. */
const replaceable = {
  name: "replaceable",
  setup(build) {
    build.onResolve({ filter: /^openpgp$/ }, ({ kind }) =>
      kind === "entry-point" ? undefined : { path: "./openpgp.cjs", external: true },
    );
  },
};

/** Whether what a run loads is newer than its sources. */
export function isCompiled(root, development) {
  const out = join(root, "dist");
  // Removing `dist/*` leaves the stamps, which are hidden files.
  const oldest = existsSync(join(out, "cli.cjs"))
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
  mkdirSync(draft, { recursive: true });
  try {
    await build({
      absWorkingDir: root,
      entryPoints: { cli: "lib/cli/cli.ts", openpgp: "openpgp", ...(development ? developmentPrograms : {}) },
      outdir: draft,
      bundle: true,
      platform: "node",
      target: "node20",
      // One file for each program, in which a module that is imported when it is needed runs only then.
      format: "cjs",
      outExtension: { ".js": ".cjs" },
      supported: { "dynamic-import": false },
      define: { "import.meta.url": "__filename" },
      // The form of jsonc-parser's main file cannot be bundled.
      mainFields: ["module", "main"],
      logLevel: "warning",
      plugins: [withoutArchiver, inEnglish, replaceable],
    });
    for (const name of readdirSync(draft)) renameSync(join(draft, name), join(out, name));
    rmSync(join(out, ".compiled"), { recursive: true, force: true });
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

/** When a path was last changed; 0 for a missing one. */
export function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry?.isDirectory()) return entry?.mtimeMs ?? 0;
  return Math.max(entry.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
