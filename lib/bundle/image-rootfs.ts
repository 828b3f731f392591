import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Header, type Pack, pack } from "tar-stream";
import { listTree } from "../core/files/tree";
import { vaultUser } from "../docker/home-files";
import { entrypoint } from "./build-part";
import { type Bundle, partFile, partFolder } from "./bundle";
import { imageToolsFolder } from "./image-tools";

// The user and group `vault` as in the registry's image, so that both images can use the same volumes.
const files: Readonly<Record<string, string>> = {
  "etc/passwd":
    "root:x:0:0:root:/root:/bin/sh\n" +
    "nobody:x:65534:65534:nobody:/:/bin/false\n" +
    `vault:x:${vaultUser.uid}:${vaultUser.gid}:vault:/home/vault:/bin/false\n`,
  "etc/group": `root:x:0:\nnogroup:x:65534:\nvault:x:${vaultUser.gid}:vault\n`,
  "etc/nsswitch.conf": "hosts: files dns\n",
};

/** The folders to create besides those of files, with their special headers. */
const folders: Readonly<Record<string, Partial<Header>>> = {
  dev: {},
  etc: {},
  home: {},
  "home/vault": vaultUser,
  proc: {},
  root: { mode: 0o700 },
  run: {},
  sys: {},
  tmp: { mode: 0o1777 },
  usr: {},
  "usr/local": {},
  "usr/local/bin": {},
  var: {},
  "var/tmp": { mode: 0o1777 },
  vault: vaultUser,
  "vault/config": vaultUser,
  "vault/file": vaultUser,
  "vault/logs": vaultUser,
};

/**
 * The root file system of Vault's image as a tar stream. The same parts give the same bytes.
 * If a part cannot be read, the stream fails.
 */
export function imageRootFileSystem(bundle: Bundle): Readable {
  const archive = pack();
  write(archive, bundle).then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  );
  return Readable.from(archive);
}

async function write(archive: Pack, bundle: Bundle): Promise<void> {
  for (const [name, headers] of Object.entries(folders)) {
    await add(archive, { name, type: "directory", mode: 0o755, ...headers });
  }
  for (const name of ["bin", "lib", "lib64", "sbin"]) await addLink(archive, name, `usr/${name}`);
  for (const [name, text] of Object.entries(files)) await add(archive, { name, mode: 0o644 }, text);

  const tools = imageToolsFolder(bundle);
  const tree = join(tools, "root");
  const programs = new Set<string>();
  for (const { name, path, kind } of await listTree(tree)) {
    programs.add(basename(name));
    if (kind === "file") await addFile(archive, path, name, name.startsWith("etc/") ? 0o644 : 0o755);
    else if (!(name in folders)) await add(archive, { name, type: "directory", mode: 0o755 });
  }
  for (const applet of (await readFile(join(tools, "applets"), "utf8")).trim().split("\n")) {
    if (!programs.has(applet)) await addLink(archive, `usr/bin/${applet}`, "busybox");
  }
  // Vault's entrypoint drops root with Alpine's su-exec; gosu accepts the same arguments.
  await addLink(archive, "usr/bin/su-exec", "../sbin/gosu");

  await addFile(archive, partFile(bundle, "vault"), "usr/bin/vault", 0o755);
  const script = join(partFolder(bundle, "vault"), entrypoint);
  await addFile(archive, script, `usr/local/bin/${entrypoint}`, 0o755);
}

const common = { uid: 0, gid: 0, mtime: new Date(0) };

function add(
  archive: Pack,
  header: Partial<Header> & { readonly name: string },
  content = "",
): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry({ ...common, ...header }, content, (error) => (error ? reject(error) : resolve()));
  });
}

function addLink(archive: Pack, name: string, target: string): Promise<void> {
  return add(archive, { name, type: "symlink", linkname: target, mode: 0o777 });
}

async function addFile(archive: Pack, path: string, name: string, mode: number): Promise<void> {
  const { size } = await stat(path);
  const entry = archive.entry({ ...common, name, mode, size });
  await pipeline(createReadStream(path), entry as unknown as NodeJS.WritableStream);
}
