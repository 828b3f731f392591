import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBundle } from "../../lib/bundle/bundle";
import { copySources } from "../../lib/bundle/sources";
import { makeOnce } from "../../lib/core/files/make-once";
import { findProgram } from "../../lib/core/system/find-program";
import { packageRoot } from "../../lib/core/system/package-root";
import { makeCopy } from "../../lib/host/program-copy";
import { labBase, labFolder } from "../support/lab-base";
import { openClawFolder } from "../support/openclaw-client";
import type { HostRow } from "./row";

/** Where each part lies in a host. */
export const inHost = {
  bundle: "/srv/bundle",
  parts: "/srv/parts",
  sources: "/srv/sources",
  programs: "/srv/programs",
  node: "/srv/node",
  cdktf: "/srv/cdktf",
  tools: "/srv/tools",
  openclaw: "/opt/openclaw",
  upgrade: "/srv/upgrade",
};

/** What npm has besides the rows' own Node. */
const npmVersion = "10.9.9";
const cdktfCli = ["cdktf-cli@0.21.0", `node-linux-${process.arch}@22`];
/** OpenRouter's stand-in and npm run on this one, whatever Node the row has. */
const otherNode = "22.23.5";

/** nsenter's arguments for where this process is, which has the registries. */
export const thisNetwork = ["--target", String(process.pid), "--net"];

/** What all hosts of a run read: made once, outside of them. */
export interface Parts {
  /** The name of the copy of the program that serves OpenRouter's stand-in. */
  readonly program: string;
  /** Of the program's code: what was seen of another one is seen again. */
  readonly identity: string;
  /** nsenter's arguments for where the registries are. */
  readonly outside: readonly string[];
  /** Folders of this machine for a row's host, by their path in it. */
  bindsOf(row: HostRow): Promise<Record<string, string>>;
}

/** @param outside nsenter's arguments for where the registries are */
export async function makeParts(outside: readonly string[]): Promise<Parts> {
  const root = packageRoot();
  const identity = identityOfCode(root);
  removeOld();
  const folder = join(labFolder(), `${made}${identity}`);
  await makeOnce(folder, (draft) => makeOwn(draft, root, outside));
  const [program = ""] = readdirSync(join(folder, "programs"));
  return {
    program,
    identity,
    outside,
    bindsOf: async (row) => ({
      [inHost.bundle]: join(folder, "bundle"),
      [inHost.parts]: openBundle().folder,
      [inHost.sources]: join(folder, "sources"),
      [inHost.programs]: join(folder, "programs"),
      [inHost.tools]: join(folder, "tools"),
      [`${inHost.node}/other`]: await nodeFolder(otherNode, outside),
      ...(row.node === "Debian's" ? {} : { [`${inHost.node}/own`]: await nodeFolder(row.node, outside) }),
      [inHost.cdktf]: await fromNpm("cdktf-cli", cdktfCli, outside),
      ...(row.gateway === "none" ? {} : { [inHost.openclaw]: openClaw() }),
      ...(row.suite === "bookworm" ? { [inHost.upgrade]: await engineUpgrade(outside) } : {}),
    }),
  };
}

/** Made of this program: kept for the next run, which may go on from this one. */
async function makeOwn(folder: string, root: string, outside: readonly string[]): Promise<void> {
  const terraform = findProgram("terraform");
  if (!terraform)
    throw new Error("terraform is not on the PATH: the rows with Terraform copy it into their hosts");
  for (const name of ["programs", "tools"]) mkdirSync(join(folder, name));
  execFileSync("cp", ["-L", terraform, join(folder, "tools")]);
  copySources(root, join(folder, "sources"));
  await makeCopy(join(folder, "programs"), root);
  const launcher = join(root, "scripts/openclaw-openrouter.mjs");
  const make = [...outside, process.execPath, launcher, "bundle", "--out", join(folder, "bundle")];
  execFileSync("nsenter", make, { stdio: "pipe" });
}

const made = "made-";

/** What was made of earlier programs, more than a day ago. */
function removeOld(): void {
  for (const name of readdirSync(labFolder()).filter((each) => each.startsWith(made))) {
    const path = join(labFolder(), name);
    if (Date.now() - statSync(path).mtimeMs > 86_400_000) rmSync(path, { recursive: true });
  }
}

/** By the files that hold all of the code, and the packages. */
export function identityOfCode(root: string): string {
  const hash = createHash("sha256");
  for (const name of ["scripts/openclaw-openrouter.mjs", "dist/cli.cjs", "package-lock.json"])
    hash.update(readFileSync(join(root, name)));
  return hash.digest("hex").slice(0, 12);
}

const nodeFolder = (version: string, outside: readonly string[]) =>
  fromNpm(`node-${version}`, [`node-linux-${process.arch}@${version}`, `npm@${npmVersion}`], outside);

/** npm's packages in a folder of their own, kept between runs. */
async function fromNpm(
  name: string,
  packages: readonly string[],
  outside: readonly string[],
): Promise<string> {
  const folder = join(labFolder(), "parts", name);
  await makeOnce(folder, async (draft) => {
    writeFileSync(join(draft, "package.json"), '{ "private": true }\n');
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...packages];
    execFileSync("nsenter", [...outside, "npm", ...args], { cwd: draft, stdio: "pipe" });
  });
  return folder;
}

function openClaw(): string {
  const folder = openClawFolder();
  if (!existsSync(folder))
    throw new Error("the real OpenClaw is not on this machine: `npm run test:full` installs it");
  return folder;
}

/** The packages that bring Debian 13's engine to Debian 12, as apt chooses them for a host that has what the base has. */
async function engineUpgrade(outside: readonly string[]): Promise<string> {
  const folder = join(labFolder(), "parts", "engine-of-trixie");
  await makeOnce(folder, async (draft) => {
    for (const name of ["lists/partial", "archives/partial"])
      mkdirSync(join(draft, name), { recursive: true });
    const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
    const list = join(draft, "sources.list");
    writeFileSync(list, `deb [signed-by=${keyring}] http://deb.debian.org/debian trixie main\n`);
    const places = {
      "State::Lists": join(draft, "lists"),
      Cache: draft,
      "Etc::SourceList": list,
      "Etc::SourceParts": "/dev/null",
      "State::Status": join(labBase({ suite: "bookworm" }, outside), "var/lib/dpkg/status"),
    };
    const options = Object.entries(places).flatMap(([name, value]) => ["-o", `Dir::${name}=${value}`]);
    const apt = (...args: string[]) =>
      execFileSync("nsenter", [...outside, "apt-get", ...options, "-o", "Debug::NoLocking=1", ...args], {
        stdio: "pipe",
      });
    apt("update");
    apt("install", "-y", "--download-only", "--no-install-recommends", "docker.io", "docker-cli");
    rmSync(join(draft, "lists"), { recursive: true });
  });
  return join(folder, "archives");
}
