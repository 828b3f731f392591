import type { Progress } from "../core/progress";
import { loopbackWarning } from "../docker/engine";
import type { Confirm } from "../docker/engine-install";
import { closeLoopback } from "../host/loopback-rule";
import type { Deployment } from "../model/deployment";
import { ensureInstance } from "../store/home";
import { hostRecord } from "../store/host-record";
import type { Lock } from "../store/lock";
import { requireWholeData } from "../store/replacing-record";
import { recoverInterrupted } from "../terraform/interrupted";
import type { SharedProviders } from "../terraform/shared-providers";
import type { AskForShares } from "../vault/bootstrap";
import { type ContainerHost, type PreparedHost, prepareHost } from "./prepare";
import { type CertificateOwner, certificateOwnerOf } from "./renew-certificate";

/** Runs one phase of a command and shows it to a person: its title, what it is at, and what came of it. */
export type RunPhase = <T>(
  title: string,
  work: (progress: Progress) => Promise<T>,
  /** What to say once it is done, behind the title; null: there is nothing to say of it, not even its title. */
  outcome?: (result: T) => string | undefined | null,
) => Promise<T>;

/** What every phase of a deploy works with. */
export interface DeployContext {
  readonly deployment: Deployment;
  readonly instanceId: string;
  readonly host: PreparedHost;
  readonly lock: Lock;
  readonly phase: RunPhase;
  readonly signal: AbortSignal;
  /** Asks people for the shares, where they are not on this host. @default nobody can be asked */
  readonly askForShares?: AskForShares;
  /** Where a step of ours that Terraform runs asks for them. See `withSharesDesk`. */
  readonly sharesSocket?: string;
  /** What it plans with. @default each plan starts its own providers */
  readonly sharedProviders?: SharedProviders;
}

export interface PrepareOptions {
  readonly deployment: Deployment;
  readonly lock: Lock;
  readonly phase: RunPhase;
  readonly signal: AbortSignal;
  /** `--bundle`, or `--bundle DIR`. */
  readonly bundle?: string | true;
  readonly confirm: Confirm;
  /** Whether this run replaces Vault's data itself, and so goes on where that was interrupted. @default false */
  readonly replacesData?: boolean;
  /** Asks people for the shares, where they are not on this host. @default nobody can be asked */
  readonly askForShares?: AskForShares;
}

/** What the host has for an instance that has a container of its own. */
export function containerHost({ host }: DeployContext): ContainerHost {
  if (host.engine && host.image) return { ...host, engine: host.engine, image: host.image };
  throw new Error("an instance without a container of its own has no engine to work on");
}

/** What is to serve the instance's certificate, on the engine that was found. */
export function certificateOwner({ deployment, host }: DeployContext): CertificateOwner {
  const owner = certificateOwnerOf(deployment);
  return host.engine ? { ...owner, engine: host.engine.api } : owner;
}

/** Sees to what the host must have, and remembers what it found. */
export async function prepare(options: PrepareOptions): Promise<DeployContext> {
  const { deployment, lock, phase, signal, bundle, confirm, askForShares } = options;
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
        ...(bundle ? { bundle } : {}),
        ...(record ? { record } : {}),
      });
    },
    ({ engine, image, program, providers }) =>
      [
        // Without what a distribution adds to the version: the line fits a terminal, and `doctor` has all of it.
        ...(engine && image ? [`Docker Engine ${engine.version.split("+")[0]}`] : []),
        `${program.kind === "tofu" ? "OpenTofu" : "Terraform"} ${program.version}`,
        `providers from ${whereFrom(providers)}`,
      ].join(", "),
  );
  hostRecord.write(home, host.record);
  const warnings = await withClosedLoopback(deployment, host);
  return {
    ...{ deployment, instanceId: id, host: { ...host, warnings }, lock, phase, signal },
    ...(askForShares ? { askForShares } : {}),
  };
}

/** Where the providers come from, in short. That the registry does not answer is no news on a host without one; that a mirror of one's own does not answer is. */
function whereFrom({ kind, description }: PreparedHost["providers"]): string {
  return kind === "registry"
    ? "the registry"
    : description.replace(/ \(registry\.\S+ does not answer\)$/, "");
}

/** What is left to warn of, once the settings had the loopback closed on an engine that leaves it open. */
async function withClosedLoopback(
  { instance, settings }: Deployment,
  { engine, warnings }: PreparedHost,
): Promise<readonly string[]> {
  const open = engine && loopbackWarning(engine.version);
  if (!open || !settings.vault.closeLoopback) return warnings;
  const problem = await closeLoopback(instance);
  const others = warnings.filter((warning) => warning !== open);
  return problem === undefined
    ? others
    : [...others, `${open} (\`vault.closeLoopback\` could not: ${problem})`];
}
