import { existsSync } from "node:fs";
import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Bundle, missingParts, openBundle } from "../bundle/bundle";
import { bundleParts, partNames } from "../bundle/bundle-parts";
import { buildsBundle, findGo, goRemedy } from "../bundle/go";
import { bundleImage, presentImage, registryImage } from "../bundle/image";
import { readImportedBundle } from "../bundle/imported-bundle";
import { cacheRoot } from "../core/cache-root";
import { UserError } from "../core/errors";
import { packageRoot } from "../core/package-root";
import { hostPlatform } from "../core/platform";
import { compareVersions } from "../core/version";
import { type EngineState, engineError, findEngine, loopbackRule, loopbackWarning } from "../docker/engine";
import {
  currentLink,
  describeProgram,
  installPlaces,
  isOlder,
  readCopyRecord,
} from "../host/installed-program";
import { isSameCode } from "../host/program-files";
import type { VaultPlace } from "../model/deployment";
import type { HostRecord } from "../session/prepare";
import { inspectSchedules } from "../session/schedule/schedule";
import { findTerraform, oldestTerraform, type TerraformSearch } from "../terraform/install";
import { chooseProviders } from "../terraform/providers";
import { VaultClient } from "../vault/client";
import { requireOpen } from "../vault/external-vault";
import { readSealStatus } from "../vault/wait";

/** One requirement of a deploy, and its state on this host. */
export interface HostFinding {
  readonly id:
    | "host.platform"
    | "host.node"
    | "host.program"
    | "host.schedules"
    | "docker.engine"
    | "docker.image"
    | "terraform.program"
    | "terraform.providers"
    | "bundle.parts"
    | "bundle.go"
    | "host.disk"
    | "instance.directory"
    | "vault.reachable";
  /** `warn`: a deploy installs it, or continues without it. `missing`: a deploy stops. */
  readonly state: "ok" | "warn" | "missing";
  readonly found: string;
  readonly fix?: string;
}

export interface InspectOptions {
  /** The setting `vault.image`. @default no container is created, so the engine and the image are skipped */
  readonly wantedImage?: string;
  /** An external Vault. */
  readonly externalVault?: VaultPlace;
  /** The instance directory, whether it exists or not. */
  readonly home: string;
  /** `--bundle`: true, or an imported bundle's folder. */
  readonly bundle?: string | true;
  readonly record?: HostRecord;
  readonly env?: NodeJS.ProcessEnv;
}

const oldestNode = "20.9.0";

/** Inspects everything that a deploy needs on this host, and changes nothing. */
export async function inspectHost(options: InspectOptions): Promise<HostFinding[]> {
  const env = options.env ?? process.env;
  const platform = platformFinding();
  if (platform.state === "missing") return [platform, nodeFinding()];
  const bundle = openBundle({ env });
  const isBundleBuilt = typeof options.bundle === "string" || missingParts(bundle).length === 0;
  const [engine, terraform] = await Promise.all([
    attempt(() => findEngine(env)),
    attempt(() => findTerraform(env, false)),
  ]);
  const findings = await Promise.all([
    platform,
    nodeFinding(),
    ...(options.wantedImage
      ? [engineFinding(engine), imageFinding(engine, options.wantedImage, bundle)]
      : []),
    ...(options.externalVault ? [vaultFinding(options.externalVault)] : []),
    terraformFinding(terraform),
    providersFinding(terraform, options, env),
    typeof options.bundle === "string"
      ? importedBundleFinding(options.bundle, bundle)
      : bundleFinding(bundle),
    goFinding(isBundleBuilt, env),
    diskFinding(isBundleBuilt, env),
    homeFinding(options.home),
    programFinding(env),
    ...scheduleFindings(options.home),
  ]);
  return findings;
}

function platformFinding(): HostFinding {
  try {
    const { os, arch } = hostPlatform();
    return { id: "host.platform", state: "ok", found: `${os}/${arch}` };
  } catch (error) {
    return fromError("host.platform", error);
  }
}

function nodeFinding(): HostFinding {
  const { node } = process.versions;
  if (compareVersions(node, oldestNode) >= 0) return { id: "host.node", state: "ok", found: `Node ${node}` };
  return {
    id: "host.node",
    state: "missing",
    found: `Node ${node}`,
    fix: `install Node ${oldestNode} or newer`,
  };
}

function engineFinding(found: EngineState | UserError): HostFinding {
  if (found instanceof UserError) return fromError("docker.engine", found);
  if (found.state !== "running") return fromError("docker.engine", engineError(found));
  const { version, socket, namedBy } = found.engine;
  const text = `Docker Engine ${version} at ${socket} (${namedBy})`;
  const warning = loopbackWarning(version);
  if (!warning) return { id: "docker.engine", state: "ok", found: text };
  return {
    id: "docker.engine",
    state: "warn",
    found: `${text}; ${warning.split(".")[0]}…`,
    fix: loopbackRule,
  };
}

async function vaultFinding(place: VaultPlace): Promise<HostFinding> {
  try {
    const status = await readSealStatus(VaultClient.at(place));
    requireOpen(place, status);
    return {
      id: "vault.reachable",
      state: "ok",
      found: `Vault ${status.version} at ${place.address}, unsealed`,
    };
  } catch (error) {
    return fromError("vault.reachable", error);
  }
}

async function imageFinding(
  found: EngineState | UserError,
  wanted: string,
  bundle: Bundle,
): Promise<HostFinding> {
  if (found instanceof UserError || found.state !== "running") {
    return { id: "docker.image", state: "warn", found: `${wanted}: not known without an engine` };
  }
  const image = await presentImage(found.engine.api, wanted);
  if (image) return { id: "docker.image", state: "ok", found: image.reference };
  const built = missingParts(bundle, ["vault"]).length === 0 ? "" : " (not built yet)";
  const otherwise = wanted === registryImage ? `, else ${bundleImage} is built from the bundle${built}` : "";
  return {
    id: "docker.image",
    state: "warn",
    found: `${wanted} is not on the engine: it is pulled${otherwise}`,
  };
}

function terraformFinding(search: TerraformSearch | UserError): HostFinding {
  if (search instanceof UserError) return fromError("terraform.program", search);
  const { program, rejected } = search;
  if (program)
    return {
      id: "terraform.program",
      state: "ok",
      found: `${program.kind} ${program.version} at ${program.path}`,
    };
  return {
    id: "terraform.program",
    state: "warn",
    found: `${rejected.join(", ") || "neither terraform nor tofu on PATH"}; the bundle's OpenTofu is used`,
    fix: `install Terraform or OpenTofu ${oldestTerraform} or newer, or use the bundle's`,
  };
}

async function providersFinding(
  search: TerraformSearch | UserError,
  options: InspectOptions,
  env: NodeJS.ProcessEnv,
): Promise<HostFinding> {
  const program = search instanceof UserError ? undefined : search.program;
  const { description } = await chooseProviders({
    program: program?.kind ?? "tofu",
    bundleWanted: options.bundle !== undefined,
    env,
    ...(options.record?.providers ? { remembered: options.record.providers } : {}),
  });
  return { id: "terraform.providers", state: "ok", found: `by ${description}` };
}

function bundleFinding(bundle: Bundle): HostFinding {
  const missing = missingParts(bundle);
  const built = partNames.filter((name) => !missing.includes(name));
  const names = (parts: typeof missing) =>
    parts.map((name) => `${name} ${bundleParts[name].version}`).join(", ");
  if (missing.length === 0)
    return { id: "bundle.parts", state: "ok", found: `${names(built)} in ${bundle.folder}` };
  return {
    id: "bundle.parts",
    state: "warn",
    found: `missing in ${bundle.folder}: ${names(missing)}; a deploy builds what it needs`,
    fix: "openclaw-openrouter bundle",
  };
}

async function importedBundleFinding(folder: string, bundle: Bundle): Promise<HostFinding> {
  const manifest = await attempt(() => readImportedBundle(folder, bundle));
  if (manifest instanceof UserError) return fromError("bundle.parts", manifest);
  return {
    id: "bundle.parts",
    state: "ok",
    found: `${folder}, an imported bundle of version ${manifest.program}`,
  };
}

async function goFinding(isBundleBuilt: boolean, env: NodeJS.ProcessEnv): Promise<HostFinding> {
  const go = await findGo(env);
  if (go && buildsBundle(go)) return { id: "bundle.go", state: "ok", found: `Go ${go.version}` };
  const found = go ? `Go ${go.version} is too old` : "no Go on PATH";
  if (isBundleBuilt)
    return { id: "bundle.go", state: "ok", found: `${found}; the bundle is built, so none is needed` };
  return {
    id: "bundle.go",
    state: "warn",
    found: `${found}: the bundle cannot be built if it is needed`,
    fix: goRemedy,
  };
}

/** The bytes that a build of the whole bundle takes, with Go's build and module caches. */
const bundleBytes = 7e9;
/** The bytes for an image, a Vault and its state. */
const deployBytes = 1e9;

async function diskFinding(isBundleBuilt: boolean, env: NodeJS.ProcessEnv): Promise<HostFinding> {
  const folder = existing(cacheRoot(env));
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const needed = isBundleBuilt ? deployBytes : bundleBytes;
  const found = `${(free / 1e9).toFixed(1)} GB free at ${folder}`;
  if (free >= needed) return { id: "host.disk", state: "ok", found };
  return {
    id: "host.disk",
    state: free < deployBytes ? "missing" : "warn",
    found: `${found}, ${needed / 1e9} GB may be needed`,
    fix: "make room, or name another cache root by OPENCLAW_OPENROUTER_CACHE",
  };
}

async function homeFinding(home: string): Promise<HostFinding> {
  const folder = existing(home);
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return {
      id: "instance.directory",
      state: "missing",
      found: `${folder} is not writable`,
      fix: `make it writable for this user, or set OPENCLAW_OPENROUTER_HOME to another root`,
    };
  }
  if (folder !== home) return { id: "instance.directory", state: "ok", found: `${home}, not created yet` };
  const { mode } = await stat(home);
  if ((mode & 0o077) === 0) return { id: "instance.directory", state: "ok", found: home };
  return {
    id: "instance.directory",
    state: "missing",
    found: `${home} is open to others (mode ${(mode & 0o777).toString(8)})`,
    fix: `chmod 700 ${home}`,
  };
}

/** The running program, and the installed copy if it is another one. */
function programFinding(env: NodeJS.ProcessEnv): HostFinding {
  const root = packageRoot();
  const copy = join(installPlaces(env).folder, currentLink);
  const found = describeProgram(root);
  const record = readCopyRecord(copy);
  if (!record || isSameCode(root, copy)) return { id: "host.program", state: "ok", found };
  const installed = `${found}; installed: ${describeProgram(copy)}`;
  return isOlder(copy, root)
    ? { id: "host.program", state: "warn", found: installed, fix: "openclaw-openrouter up" }
    : { id: "host.program", state: "ok", found: installed };
}

function scheduleFindings(home: string): HostFinding[] {
  const { scheduled, stale } = inspectSchedules({ home });
  if (scheduled.length === 0) return [];
  if (stale.length === 0) return [{ id: "host.schedules", state: "ok", found: scheduled.join(", ") }];
  const found = stale.map(({ command, problem }) => `the scheduled ${command} ${problem}`).join("; ");
  return [{ id: "host.schedules", state: "warn", found, fix: "openclaw-openrouter up" }];
}

function existing(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : existing(dirname(path));
}

async function attempt<T>(inspect: () => Promise<T>): Promise<T | UserError> {
  try {
    return await inspect();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function fromError(id: HostFinding["id"], error: unknown): HostFinding {
  if (!(error instanceof UserError)) throw error;
  const { problem, got, fix } = error.props;
  return {
    id,
    state: "missing",
    found: got ? `${problem} (${got})` : problem,
    ...(fix ? { fix } : {}),
  };
}
