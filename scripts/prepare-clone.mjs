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
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compile, isCompiled, modified } from "./compile-clone.mjs";

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
        `${error.message}\n${howToOwn(root)}`,
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

/** `sudo npm start` in a user's own clone leaves root's files there. */
function howToOwn(root) {
  const isOwn = (name) => statSync(join(root, name), { throwIfNoEntry: false })?.uid === process.getuid();
  if (!isOwn(".") || isOwn("dist"))
    return "Run it once as the user that owns the folder, while it is writable.";
  const folder = `'${root.replaceAll("'", "'\\''")}'`;
  return `Files of another user are in your clone, as \`sudo npm start\` leaves them: sudo chown -R "$(id -u)" ${folder}`;
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

/** Removes control characters: the folder of --bundle is an untrusted text, and no package may be installed yet. */
function shown(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, " ");
}
