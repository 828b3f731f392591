import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../core/errors";
import { makeOnce } from "../core/files/make-once";
import { listTree } from "../core/files/tree";
import { sha256 } from "../core/fingerprint";
import { silent } from "../core/progress";
import { childEnvironment } from "../core/system/environment";
import { hostPlatform } from "../core/system/platform";
import { run } from "../core/system/process";
import type { BuildOptions } from "./build-bundle";
import type { Bundle } from "./bundle";

/** The packages of Debian and Ubuntu whose programs Vault's image contains, and their files to copy. */
const packages: Readonly<Record<string, RegExp>> = {
  "busybox-static": /^usr\/bin\/busybox$/,
  "dumb-init": /^usr\/bin\/dumb-init$/,
  gosu: /^usr\/s?bin\/gosu$/,
  "libcap2-bin": /^usr\/s?bin\/[gs]etcap$/,
  libcap2: /\/libcap\.so\.2$/,
  libc6: /\/(libc\.so\.6|ld-linux[^/]*)$/,
};

/** Part of the folder's name: increase it if the content of {@link imageToolsFolder} changes. */
const recipe = 2;

/**
 * The folder of the image's small programs, which can be missing: `root/` is a tree of plain files with everything under
 * `usr/` (the image's `/bin` and so on are links to it), and `applets` lists the commands of busybox.
 */
export function imageToolsFolder(bundle: Bundle): string {
  const hash = sha256(JSON.stringify([recipe, Object.keys(packages)]));
  return join(bundle.folder, `image-tools-${bundle.platform.arch}-${hash.slice(0, 12)}`);
}

/**
 * Downloads the image's small programs as Debian packages. Installs nothing on the host.
 * @throws UserError if the host has no apt, or apt cannot download them.
 */
export async function fetchImageTools(bundle: Bundle, options: BuildOptions = {}): Promise<void> {
  const target = imageToolsFolder(bundle);
  if (existsSync(target)) return;
  (options.progress ?? silent)("bundle: fetching the programs of Vault's image");
  await makeOnce(
    target,
    async (folder) => {
      const downloads = join(folder, "downloads");
      await mkdir(downloads);
      await download(downloads, bundle, options);
      for (const [name, wanted] of Object.entries(packages))
        await unpack(name, wanted, downloads, folder, options);
      await unpackCertificates(downloads, folder, options);
      await rm(downloads, { recursive: true });
      await writeFile(join(folder, "applets"), await applets(folder, bundle, options));
    },
    { signal: options.signal },
  );
}

/** The applets, one per line. A foreign busybox does not run here, so this machine's busybox of the same version lists them. */
async function applets(folder: string, bundle: Bundle, options: BuildOptions): Promise<string> {
  if (isForeign(bundle)) {
    const own = { ...bundle, platform: hostPlatform() };
    await fetchImageTools(own, options);
    return readFile(join(imageToolsFolder(own), "applets"), "utf8");
  }
  return `${await command(join(folder, "root/usr/bin/busybox"), ["--list"], folder, options)}\n`;
}

function isForeign({ platform }: Bundle): boolean {
  return platform.arch !== hostPlatform().arch;
}

async function download(folder: string, bundle: Bundle, options: BuildOptions): Promise<void> {
  const names = [...Object.keys(packages), "ca-certificates"];
  const env = childEnvironment({ DEBIAN_FRONTEND: "noninteractive" }, options.env);
  const { signal } = options;
  const foreign = isForeign(bundle);
  const place = foreign ? await foreignLists(folder, bundle) : [];
  const update = () => run("apt-get", [...place, "update", "-q"], { env, signal });
  const attempt = () => run("apt-get", [...place, "download", "-q", ...names], { env, cwd: folder, signal });
  if (foreign) await update();
  let result = await attempt();
  // A new container has no package lists, and old lists name removed files.
  if (result.exitCode && !foreign && process.getuid?.() === 0) {
    await update();
    result = await attempt();
  }
  if (result.exitCode === 0) return;
  signal?.throwIfAborted();
  throw new UserError({
    problem: "The programs of Vault's image could not be downloaded.",
    got: result.exitCode === undefined ? "no apt-get on this host" : lastLines(result.stderr),
    expected: `Debian's or Ubuntu's packages ${names.join(", ")}`,
    fix:
      "Load Vault's image into the engine (`docker pull hashicorp/vault:1.21.2`, or `docker load` of a saved one),\n" +
      "or run `sudo apt-get update`, or copy an offline bundle from a Debian host\n" +
      "(made by `openclaw-openrouter bundle --out DIR`) and pass it: --bundle DIR",
  });
}

/** Makes apt keep another architecture's package lists in a separate folder, so that this host's lists stay unchanged. */
async function foreignLists(folder: string, { platform: { arch } }: Bundle): Promise<string[]> {
  const state = join(folder, "apt");
  for (const name of ["lists/partial", "cache/archives/partial"]) {
    await mkdir(join(state, name), { recursive: true });
  }
  const settings = {
    "APT::Architecture": arch,
    "APT::Architectures": arch,
    "Dir::State": state,
    "Dir::State::status": "/dev/null",
    "Dir::Cache": join(state, "cache"),
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

async function unpack(
  name: string,
  wanted: RegExp,
  downloads: string,
  folder: string,
  options: BuildOptions,
): Promise<void> {
  const tree = await extract(name, downloads, options);
  for (const { name: original, path: from, kind } of await listTree(tree)) {
    // Releases differ in the files that they already moved below /usr.
    const path = original.replace(/^(?!usr\/)/, "usr/");
    if (kind === "folder" || !wanted.test(path)) continue;
    const to = join(folder, "root", path);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(kind === "link" ? await fileBehind(from, tree) : from, to);
    await chmod(to, 0o755);
  }
  await rm(tree, { recursive: true });
}

/** The target of a link within its tree; a link to `/lib` can mean `/usr/lib`. */
async function fileBehind(link: string, tree: string): Promise<string> {
  const target = await readlink(link);
  if (!target.startsWith("/")) return resolve(dirname(link), target);
  const within = join(tree, target);
  return existsSync(within) ? within : join(tree, "usr", target);
}

/** Writes one bundle of certificates, as `update-ca-certificates` does. */
async function unpackCertificates(downloads: string, folder: string, options: BuildOptions): Promise<void> {
  const tree = await extract("ca-certificates", downloads, options);
  const source = join(tree, "usr/share/ca-certificates/mozilla");
  const certificates = (await readdir(source)).filter((name) => name.endsWith(".crt")).sort();
  const texts = await Promise.all(certificates.map((name) => readFile(join(source, name), "utf8")));
  await mkdir(join(folder, "root/etc/ssl/certs"), { recursive: true });
  await writeFile(
    join(folder, "root/etc/ssl/certs/ca-certificates.crt"),
    texts.map((text) => `${text.trim()}\n`).join(""),
  );
}

async function extract(name: string, downloads: string, options: BuildOptions): Promise<string> {
  const file = (await readdir(downloads)).find((candidate) => candidate.startsWith(`${name}_`));
  if (!file) throw new Error(`apt-get downloaded no package ${name}.`);
  const tree = join(downloads, name);
  await command("dpkg-deb", ["-x", file, tree], downloads, options);
  return tree;
}

async function command(program: string, args: string[], cwd: string, options: BuildOptions): Promise<string> {
  const result = await run(program, args, { env: childEnvironment({}, options.env), cwd });
  if (result.exitCode === 0) return result.stdout;
  throw new Error(`${program} ${args.join(" ")} failed: ${result.failure ?? lastLines(result.stderr)}`);
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-4).join("\n");
}
