// npm runs this before and after `npm pack` and `npm publish` (prepack, postpack). The package holds the compiled program with
// its bundled libraries, and the constructs, which use the CDKTF of the importing app.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeOutTypes } from "./package-types.mjs";
import { prepareClone } from "./prepare-clone.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = join(root, "package.json");
/** The repository's package.json, while the published one replaces it. */
const kept = join(root, "package.json.kept");
const dist = join(root, "dist");

/** Peer dependencies: with two copies in one app, the constructs of one copy do not work with the other. */
const framework = /^(cdktf|constructs|@cdktf\/provider-.+)$/;

if (process.argv[2] === "restore") restore();
else await prepare();

async function prepare() {
  // Left by an interrupted run.
  restore();
  // Test programs do not belong in the package.
  rmSync(dist, { recursive: true, force: true });
  await prepareClone(root, { development: false });
  const tsc = spawnSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.package.json"],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
    },
  );
  if (tsc.status !== 0) process.exit(1);
  writeOutTypes(root);
  writeFileSync(join(dist, "THIRD_PARTY_LICENSES.txt"), licenses());
  writeFileSync(kept, readFileSync(manifest));
  writeFileSync(
    manifest,
    `${JSON.stringify(published(JSON.parse(readFileSync(manifest, "utf8"))), null, 2)}\n`,
  );
}

function restore() {
  if (existsSync(kept)) renameSync(kept, manifest);
}

/**
 * The published package.json, without the parts that only a clone needs. Only the packages that the constructs import are
 * installed; the others are bundled.
 */
function published({ scripts, devDependencies, overrides, dependencies, ...rest }) {
  const imported = importedByConstructs();
  const select = (condition) =>
    Object.fromEntries(
      Object.entries(dependencies).filter(([name]) => imported.has(name) && condition(name)),
    );
  return {
    ...rest,
    dependencies: select((name) => !framework.test(name)),
    peerDependencies: select((name) => framework.test(name)),
  };
}

/** The packages that the constructs import, in their code or in their types. */
function importedByConstructs() {
  const names = new Set();
  for (const text of filesBelow(join(dist, "lib"), /\.(js|d\.ts)$/)) {
    for (const [, name] of text.matchAll(/(?:require|from|import)\s*\(?"((?:@[^/"]+\/)?[^./"][^/"]*)[^"]*"/g))
      names.add(name);
  }
  return names;
}

/** The licenses of the bundled libraries: each must accompany the copies. */
function licenses() {
  const folders = new Set();
  for (const text of filesBelow(dist, /\.cjs$/)) {
    // esbuild names each file before its code.
    for (const [, folder] of text.matchAll(/^\/\/ ((?:.*\/)?node_modules\/(?:@[^/\s]+\/)?[^/\s]+)\//gm))
      folders.add(folder);
  }
  return [...folders]
    .sort()
    .map(license)
    .join(`\n${"-".repeat(80)}\n\n`);
}

function license(folder) {
  const { name, version, license, repository } = JSON.parse(
    readFileSync(join(root, folder, "package.json"), "utf8"),
  );
  const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const source = typeof repository === "string" ? repository : repository?.url;
  const text = file
    ? readFileSync(join(root, folder, file), "utf8").trim()
    : "Its package holds no text of its license.";
  return `${name} ${version} (${license})\n${source ?? ""}\n\n${text}\n`;
}

function filesBelow(folder, pattern) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => pattern.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}
