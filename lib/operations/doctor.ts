import { access, constants, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Bundle, missingParts, openBundle } from "../bundle/bundle";
import { bundleParts, partNames } from "../bundle/bundle-parts";
import { buildsBundle, findGo, goFix } from "../bundle/go";
import { bundleImage, presentImage, registryImage } from "../bundle/image";
import { readImportedBundle } from "../bundle/imported-bundle";
import { ifError, UserError } from "../core/errors";
import { nearestExisting } from "../core/files/trusted-path";
import { cacheRoot } from "../core/system/cache-root";
import { packageRoot } from "../core/system/package-root";
import { hostPlatform } from "../core/system/platform";
import { quote } from "../core/text";
import { compareVersions } from "../core/version";
import {
  type EngineState,
  engineError,
  findEngine,
  loopbackProblem,
  loopbackRule,
  loopbackWarning,
} from "../docker/engine";
import {
  currentLink,
  describeProgram,
  installPlaces,
  isOlder,
  readCopyRecord,
} from "../host/installed-program";
import { isClosedByPerson } from "../host/loopback-rule";
import { isSameCode } from "../host/program-files";
import type { VaultPlace } from "../model/deployment";
import { combine, fail, type Judged, pass, type Verdict, warn } from "../report/finding";
import { inspectSchedules } from "../session/schedule/inspect-schedules";
import type { HostRecord } from "../store/records/host-record";
import { findTerraform, oldestTerraform, type TerraformSearch } from "../terraform/install";
import { chooseProviders } from "../terraform/providers";
import { VaultClient } from "../vault/client";
import { requireOpen } from "../vault/external-vault";
import { readSealStatus } from "../vault/wait";

/** One requirement of a deploy, and its state on this host. `warn`: a deploy installs it, or continues without it. */
type HostFinding = Judged;

interface InspectOptions {
  /** The setting `vault.image`. @default no container is created, so the engine and the image are skipped */
  readonly wantedImage?: string;
  readonly externalVault?: VaultPlace;
  readonly instance: string;
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
  const { wantedImage, externalVault, bundle: imported, home } = options;
  const system = await judge({ "host.platform": platform, "host.node": nodeVersion });
  if (system.some(({ id, status }) => id === "host.platform" && status === "fail")) return system;
  const bundle = openBundle({ env });
  const isBundleBuilt = typeof imported === "string" || missingParts(bundle).length === 0;
  const [engine, terraform] = await Promise.all([
    attempt(() => findEngine(env)),
    attempt(() => findTerraform(env, false)),
  ]);
  const others = await judge({
    ...(wantedImage
      ? {
          "docker.engine": () => dockerEngine(engine),
          "docker.image": () => dockerImage(engine, wantedImage, bundle),
          "docker.disk": () => dockerDisk(engine),
        }
      : {}),
    ...(externalVault ? { "vault.reachable": () => reachableVault(externalVault) } : {}),
    "terraform.program": () => terraformProgram(terraform),
    "terraform.providers": () => terraformProviders(terraform, options, env),
    "bundle.parts": () =>
      typeof imported === "string" ? importedParts(imported, bundle) : builtParts(bundle),
    "bundle.go": () => go(isBundleBuilt, env),
    "host.disk": () => disk(isBundleBuilt, env),
    "instance.directory": () => directory(home),
    "host.program": () => runningProgram(env),
    "host.schedules": () => schedules(options),
  });
  return [...system, ...others];
}

type Inspect = () => Verdict | undefined | Promise<Verdict | undefined>;

/** Inspects requirements in parallel. One that throws a UserError is missing; one without a verdict is not shown. */
async function judge(requirements: Readonly<Record<string, Inspect>>): Promise<HostFinding[]> {
  const found = Object.entries(requirements).map(async ([id, inspect]) => {
    const verdict = await attempt(async () => inspect());
    if (!(verdict instanceof UserError)) return verdict ? [{ id, ...verdict }] : [];
    const { problem, got, fix } = verdict.props;
    return [{ id, ...fail(got ? `${problem} (${got})` : problem, fix) }];
  });
  return (await Promise.all(found)).flat();
}

function attempt<T>(inspect: () => Promise<T>): Promise<T | UserError> {
  return Promise.resolve()
    .then(inspect)
    .catch(ifError(UserError, (error) => error));
}

function platform(): Verdict {
  const { os, arch } = hostPlatform();
  return pass(`${os}/${arch}`);
}

function nodeVersion(): Verdict {
  const { node } = process.versions;
  if (compareVersions(node, oldestNode) >= 0) return pass(`Node ${node}`);
  return fail(`Node ${node}`, `Install Node ${oldestNode} or newer`);
}

async function dockerEngine(found: EngineState | UserError): Promise<Verdict> {
  if (found instanceof UserError) throw found;
  if (found.state !== "running") throw engineError(found);
  const { version, socket, namedBy } = found.engine;
  const text = `Docker Engine ${version} at ${socket} (${namedBy})`;
  const isOpen = loopbackWarning(found.engine) !== undefined && !(await isClosedByPerson());
  return isOpen ? warn(`${text} is ${loopbackProblem}`, loopbackRule) : pass(text);
}

async function reachableVault(place: VaultPlace): Promise<Verdict> {
  const status = await readSealStatus(VaultClient.at(place));
  requireOpen(place, status);
  return pass(`Vault ${status.version} at ${place.address}, unsealed`);
}

async function dockerImage(found: EngineState | UserError, wanted: string, bundle: Bundle): Promise<Verdict> {
  if (found instanceof UserError || found.state !== "running")
    return warn(`${wanted}: not known without an engine`);
  const image = await presentImage(found.engine.api, wanted);
  if (image) return pass(image.reference);
  const built = missingParts(bundle, ["vault"]).length === 0 ? "" : " (not built yet)";
  const otherwise = wanted === registryImage ? `, else ${bundleImage} is built from the bundle${built}` : "";
  return warn(`${wanted} is not on the engine: it is pulled${otherwise}`);
}

function terraformProgram(search: TerraformSearch | UserError): Verdict {
  if (search instanceof UserError) throw search;
  const { program, rejected } = search;
  if (program) return pass(`${program.kind} ${program.version} at ${program.path}`);
  return warn(
    `${rejected.join(", ") || "neither terraform nor tofu on PATH"}; the bundle's OpenTofu is used`,
    `Install Terraform or OpenTofu ${oldestTerraform} or newer, or use the bundle's`,
  );
}

async function terraformProviders(
  search: TerraformSearch | UserError,
  { bundle, record }: InspectOptions,
  env: NodeJS.ProcessEnv,
): Promise<Verdict> {
  const program = search instanceof UserError ? undefined : search.program;
  const { description } = await chooseProviders({
    program: program?.kind ?? "tofu",
    bundleWanted: bundle !== undefined,
    env,
    ...(record?.providers ? { remembered: record.providers } : {}),
  });
  return pass(`by ${description}`);
}

function builtParts(bundle: Bundle): Verdict {
  const missing = missingParts(bundle);
  const names = (parts: typeof missing) =>
    parts.map((name) => `${name} ${bundleParts[name].version}`).join(", ");
  if (missing.length === 0) return pass(`${names([...partNames])} in ${bundle.folder}`);
  return warn(
    `missing in ${bundle.folder}: ${names(missing)}; a deploy builds what it needs`,
    "openclaw-openrouter bundle",
  );
}

async function importedParts(folder: string, bundle: Bundle): Promise<Verdict> {
  const { program } = await readImportedBundle(folder, bundle);
  return pass(`${folder}, an imported bundle of version ${program}`);
}

async function go(isBundleBuilt: boolean, env: NodeJS.ProcessEnv): Promise<Verdict> {
  const found = await attempt(() => findGo(env));
  if (found instanceof UserError) {
    if (isBundleBuilt) return pass("the bundle is built, so no Go is needed");
    throw found;
  }
  if (found && buildsBundle(found)) return pass(`Go ${found.version}`);
  const text = found ? `Go ${found.version} is too old` : "no Go on PATH";
  if (isBundleBuilt) return pass(`${text}; the bundle is built, so none is needed`);
  return warn(`${text}: the bundle cannot be built if it is needed`, goFix);
}

/** The bytes that a build of the whole bundle takes, with Go's build and module caches. */
const bundleBytes = 7e9;
/** The bytes for an image, a Vault and its state. */
const deployBytes = 1e9;

async function freeAt(folder: string): Promise<{ readonly free: number; readonly found: string }> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  return { free, found: `${(free / 1e9).toFixed(1)} GB free at ${folder}` };
}

/** The disk of the engine's data, Vault's among them; undefined if no engine runs, or its folder is not this user's to see. */
async function dockerDisk(engine: EngineState | UserError): Promise<Verdict | undefined> {
  if (engine instanceof UserError || engine.state !== "running") return undefined;
  const at = await freeAt(engine.engine.dataFolder).catch(() => undefined);
  if (!at) return undefined;
  if (at.free >= deployBytes) return pass(at.found);
  return fail(
    `${at.found}: a Vault whose disk is full serves nothing`,
    "Make room: see docker system df, and what else fills that disk",
  );
}

async function disk(isBundleBuilt: boolean, env: NodeJS.ProcessEnv): Promise<Verdict> {
  const needed = isBundleBuilt ? deployBytes : bundleBytes;
  const { free, found } = await freeAt(nearestExisting(cacheRoot(env)));
  if (free >= needed) return pass(found);
  const judged = free < deployBytes ? fail : warn;
  return judged(
    `${found}, ${needed / 1e9} GB may be needed`,
    "Make room, or name another cache root by OPENCLAW_OPENROUTER_CACHE",
  );
}

async function directory(home: string): Promise<Verdict> {
  const folder = nearestExisting(home);
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return fail(
      `${folder} is not writable`,
      "Make it writable for this user, or set OPENCLAW_OPENROUTER_HOME to another root",
    );
  }
  if (folder !== home) return pass(`${home}, not created yet`);
  const { mode } = await stat(home);
  if ((mode & 0o077) === 0) return pass(home);
  return fail(`${home} is open to others (mode ${(mode & 0o777).toString(8)})`, `chmod 700 ${quote(home)}`);
}

/** The running program, and the installed copy if it is another one. */
function runningProgram(env: NodeJS.ProcessEnv): Verdict {
  const root = packageRoot();
  const copy = join(installPlaces(env).folder, currentLink);
  const found = describeProgram(root);
  if (!readCopyRecord(copy) || isSameCode(root, copy)) return pass(found);
  const installed = `${found}; installed: ${describeProgram(copy)}`;
  return isOlder(copy, root) ? warn(installed, "openclaw-openrouter up") : pass(installed);
}

function schedules(options: InspectOptions): Verdict | undefined {
  const { scheduled, stale } = inspectSchedules(options);
  if (scheduled.length === 0) return undefined;
  return combine(
    scheduled.join(", "),
    stale.map(({ command, problem, fix }) => warn(`the scheduled ${command} ${problem}`, fix)),
  );
}
