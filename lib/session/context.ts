import { defined } from "../core/defined";
import type { Progress } from "../core/progress";
import { type Engine, loopbackWarning } from "../docker/engine";
import { type Confirm, ensureEngine } from "../docker/engine-install";
import { closeLoopback, isClosedByPerson } from "../host/loopback-rule";
import type { Deployment } from "../model/deployment";
import { ensureInstance } from "../store/home";
import type { Lock } from "../store/lock";
import { hostRecord } from "../store/records/host-record";
import { requireWholeData } from "../store/records/replacing-record";
import type { SharedProviders } from "../terraform/fast/shared-providers";
import { recoverInterrupted } from "../terraform/interrupted";
import type { AskForShares } from "../vault/bootstrap";
import { type ContainerHost, type PreparedHost, prepareHost } from "./prepare";
import { type CertificateOwner, certificateOwnerOf } from "./renew-certificate";
import { requireSameEngine } from "./same-engine";

/** Runs one phase of a command and shows it to a person: its title, its progress, and its outcome. */
export type RunPhase = <T>(
  title: string,
  work: (progress: Progress) => Promise<T>,
  /** The text after the title when the phase is done; null shows nothing, not even the title. */
  outcome?: (result: T) => string | undefined | null,
) => Promise<T>;

/** What all phases of a command share that uses the engine alone: no Terraform, no providers, no image. */
export interface EngineContext {
  readonly deployment: Deployment;
  readonly instanceId: string;
  readonly host: Pick<PreparedHost, "engine" | "warnings">;
  readonly lock: Lock;
  readonly phase: RunPhase;
  /** Prints a line for the person. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Asks people for the shares, if they are not on this host. @default nobody can be asked */
  readonly askForShares?: AskForShares;
}

/** What all phases of a deploy share. */
export interface DeployContext extends EngineContext {
  readonly host: PreparedHost;
  /** The socket on which a step that Terraform runs asks for the shares. See `withSharesSocket`. */
  readonly sharesSocket?: string;
  /** Running providers for the plans. @default each plan starts its own providers */
  readonly sharedProviders?: SharedProviders;
}

export interface PrepareOptions extends Omit<EngineContext, "instanceId" | "host"> {
  /** `--bundle`, or `--bundle DIR`. */
  readonly bundle?: string | true;
  readonly confirm: Confirm;
  /** Whether this run replaces Vault's data, and so resumes an interrupted replacement. @default false */
  readonly replacesData?: boolean;
}

/** The host's engine, image and programs, for an instance with its own container. */
export function containerHost({ host }: Pick<DeployContext, "host">): ContainerHost {
  if (host.engine && host.image) return { ...host, engine: host.engine, image: host.image };
  throw new Error("an instance without a container of its own has no engine to work on");
}

/** The host's engine, for an instance with its own container. */
export function engineOf({ host }: Pick<EngineContext, "host">): Engine {
  if (host.engine) return host.engine;
  throw new Error("an instance without a container of its own has no engine to work on");
}

/** The owner of the instance's certificate, with the engine of this run. */
export function certificateOwner({ deployment, host }: EngineContext): CertificateOwner {
  const owner = certificateOwnerOf(deployment);
  return host.engine ? { ...owner, engine: host.engine.api } : owner;
}

/** Prepares the host for a deploy, and records what it found. */
export async function prepare(options: PrepareOptions): Promise<DeployContext> {
  const { deployment, phase, signal, bundle, confirm } = options;
  const { home, settings } = deployment;
  if (!options.replacesData) requireWholeData(home);
  const { id } = ensureInstance(home.root);
  const record = hostRecord.read(home);
  const host = await phase(
    "Host",
    async (progress) => {
      await recoverInterrupted(home, progress);
      return prepareHost({
        ...(deployment.external ? {} : { wantedImage: settings.vault.image }),
        confirm,
        progress,
        signal,
        proof: { volume: deployment.dataVolume, instanceId: id },
        ...defined({ bundle, record }),
      });
    },
    ({ engine, image, program, providers }) =>
      [
        ...(engine && image ? [describeEngine(engine)] : []),
        `${program.kind === "tofu" ? "OpenTofu" : "Terraform"} ${program.version}`,
        `providers from ${whereFrom(providers)}`,
      ].join(", "),
  );
  hostRecord.write(home, host.record);
  return contextOf(options, id, host);
}

/** What the phases share, with the host as it was found and the warnings that remain. */
async function contextOf<H extends EngineContext["host"]>(
  { deployment, lock, phase, say, signal, askForShares }: PrepareOptions,
  instanceId: string,
  host: H,
): Promise<EngineContext & { readonly host: H }> {
  const warnings = await withClosedLoopback(deployment, host);
  const run = { deployment, lock, phase, say, signal, ...defined({ askForShares }) };
  return { ...run, instanceId, host: { ...host, warnings } };
}

/**
 * Finds the engine of a deployed instance, and nothing else: what unseals Vault must work where Terraform is not on the PATH and
 * no registry answers, as at a boot.
 */
export async function prepareEngine(options: PrepareOptions): Promise<EngineContext> {
  const { deployment, phase, signal, confirm } = options;
  const { home, external, dataVolume: volume } = deployment;
  requireWholeData(home);
  const { id } = ensureInstance(home.root);
  const record = hostRecord.read(home);
  const engine = external
    ? undefined
    : await phase("Host", (progress) => ensureEngine({ confirm, progress, signal }), describeEngine);
  if (engine) {
    await requireSameEngine(engine, record?.engineId, { volume, instanceId: id });
    hostRecord.write(home, { ...record, engineId: engine.id });
  }
  return contextOf(options, id, { ...defined({ engine }), warnings: [] });
}

/** Without the distribution's suffix, so that the line fits a terminal. `doctor` shows the full version. */
function describeEngine({ version }: Engine): string {
  return `Docker Engine ${version.split("+")[0]}`;
}

/**
 * The source of the providers, in short. It omits that the registry does not answer, which is normal on a host without one, but
 * not that a mirror does not answer.
 */
function whereFrom({ kind, description }: PreparedHost["providers"]): string {
  return kind === "registry"
    ? "the registry"
    : description.replace(/ \(registry\.\S+ does not answer\)$/, "");
}

/** Closes the loopback, if the settings say so and the engine leaves it open. @returns the remaining warnings */
async function withClosedLoopback(
  { instance, settings }: Deployment,
  { engine, warnings }: EngineContext["host"],
): Promise<readonly string[]> {
  const open = engine && loopbackWarning(engine);
  if (!open) return warnings;
  const others = warnings.filter((warning) => warning !== open);
  if (await isClosedByPerson()) return others;
  if (!settings.vault.closeLoopback) return warnings;
  const problem = await closeLoopback(instance);
  return problem === undefined
    ? others
    : [...others, `${open}\n(\`vault.closeLoopback\` could not: ${problem})`];
}
