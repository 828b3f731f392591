import { chmodSync, readFileSync, rmSync } from "node:fs";
import { attempt } from "../core/attempt";
import { defined } from "../core/defined";
import { UserError } from "../core/errors";
import type { Progress } from "../core/progress";
import { type RunResult, run } from "../core/system/process";
import { fixOfRefusal } from "../docker/engine-api";
import { declaredAddresses, declaredProviders } from "../model/declared-providers";
import type { StackName } from "../model/home-paths";
import { addressesIn, parseState } from "../model/terraform-state";
import { type PlanChanges, planChanges } from "./changes";
import { watchDownloads } from "./downloads";
import { type Diagnostic, parseEvent } from "./events";
import { runFast } from "./fast/run-fast";
import type { SharedProviders } from "./fast/shared-providers";
import type { ProgramVersion } from "./fast/shortcuts";
import { hideBackendSecrets } from "./hide-secrets";
import { startIn } from "./install";
import { lockedProviders } from "./installed-providers";
import { dataLoss, type Plan, planSchema } from "./plan";
import { changedMeanwhile, isStalePlan, locked, lockHolderIn, lockTimeout } from "./state-lock";

interface TerraformProps {
  readonly stack: StackName;
  /** The program: Terraform or OpenTofu. */
  readonly program: ProgramVersion;
  /** The synthesized stack's folder. */
  readonly folder: string;
  /** The file of the saved plan, in the instance directory. */
  readonly planFile: string;
  readonly env: Record<string, string>;
  /** The file that contains the state. @default Terraform reads the state from its backend */
  readonly stateFile?: string;
  /** The providers for planning, reading plans and refreshing. @default each run starts its own */
  readonly sharedProviders?: SharedProviders;
  readonly signal?: AbortSignal;
  /** Called right before each start; throws if the providers must not send their credentials. @default does nothing */
  readonly beforeStart?: () => Promise<void>;
}

interface RunOptions {
  readonly progress?: Progress;
  readonly input?: string;
  /** Whether the run only reads from the providers. @default false */
  readonly readsOnly?: boolean;
  /** The milliseconds after which it is killed, for a run that writes nothing. @default none, and a signal interrupts it */
  readonly longest?: number;
}

interface PlanOptions {
  /** Plans to remove what is planned for. @default false */
  readonly destroy?: boolean;
  /** Whether to look at the real resources, and at those that they depend on. @default true */
  readonly refresh?: boolean;
  /** The addresses to limit the plan to. @default everything */
  readonly targets?: readonly string[];
  /** The addresses of resources to re-create even if they are unchanged. @default none */
  readonly replace?: readonly string[];
}

const backendRemedy =
  "Make sure that the backend in `terraform.backend` answers, and that its credentials are in the environment (docs/state.md).";

/** Terraform starts a provider in the instance directory, or where a link in it leads. The bundle's OpenTofu is in the cache. */
const noexecRemedy =
  "If its file system is mounted noexec (see `findmnt -T` and that path), set OPENCLAW_OPENROUTER_HOME to a folder on another one; for a program in the cache OPENCLAW_OPENROUTER_CACHE.";

/** Runs Terraform on one stack. It applies only a saved plan. */
export class Terraform {
  constructor(private readonly props: TerraformProps) {}

  /**
   * Installs the declared providers and backend.
   * @param silence the maximum time without data of a provider, in milliseconds
   */
  async init(progress: Progress, silence = 60_000): Promise<void> {
    const { stack, program, folder, env, signal } = this.props;
    const { cwd, first, chosen } = startIn(program, folder);
    progress(`${stack}: getting the providers`);
    const { result, fellSilent } = await watchDownloads(
      async (downloads, silent) => ({
        // A state in another backend is moved by this program, which inspects both first.
        result: await run(program.path, [...first, "init", "-reconfigure", "-input=false", "-no-color"], {
          cwd,
          env: { ...env, ...chosen, TMPDIR: downloads },
          signal: signal ? AbortSignal.any([signal, silent]) : silent,
          // It writes no state, and while it waits for a server it ignores other signals.
          kill: true,
        }),
        fellSilent: silent.aborted,
      }),
      {
        silence,
        onBytes: (bytes) => progress(`${stack}: getting the providers, ${Math.round(bytes / 1e6)} MB`),
      },
    );
    signal?.throwIfAborted();
    if (result.exitCode === 0) return requireDeclared(stack, folder);
    const { stdout } = result;
    const isBackendOpen =
      !stdout.includes("Initializing the backend") || stdout.includes("Initializing provider plugins");
    throw new UserError({
      problem: isBackendOpen
        ? `Terraform could not prepare the stack ${stack}.`
        : `Terraform could not open the backend that keeps the state of the stack ${stack}.`,
      got: fellSilent
        ? isBackendOpen
          ? `the source of the providers sent nothing for ${silence / 1000} s`
          : `no answer within ${silence / 1000} s, or one without an end`
        : (result.failure ?? this.clean(shorten(result.stderr || result.stdout))),
      fix:
        noexecFix(result.failure ?? "") ??
        (isBackendOpen
          ? "Fix what names or serves the providers (the registry, or a mirror of the CLI configuration),\n" +
            "or run this with --bundle, which builds them or uses an imported bundle."
          : backendRemedy),
    });
  }

  /**
   * Plans, and saves the plan.
   * @returns whether there is anything to apply
   */
  async plan(progress: Progress, options: PlanOptions = {}): Promise<boolean> {
    const { exitCode } = await this.savePlan(progress, [
      lockTimeout,
      ...(options.refresh === false ? ["-refresh=false"] : []),
      ...(options.destroy ? ["-destroy"] : []),
      ...(options.targets ?? []).map((target) => `-target=${target}`),
      ...(options.replace ?? []).map((address) => `-replace=${address}`),
    ]);
    return exitCode === 2;
  }

  /**
   * Plans without writing the state or taking its lock, and saves the plan.
   * @returns whether reality or the declaration differs from the state. See {@link showChanges}.
   */
  async compare(progress: Progress): Promise<boolean> {
    const { exitCode, stdout } = await this.savePlan(progress, ["-lock=false"]);
    return exitCode === 2 || stdout.split("\n").some((line) => parseEvent(line)?.type === "resource_drift");
  }

  private async savePlan(progress: Progress, options: readonly string[]): Promise<RunResult> {
    progress(`${this.props.stack}: comparing with the real resources`);
    const { planFile } = this.props;
    const args = ["plan", "-json", "-input=false", "-detailed-exitcode", `-out=${planFile}`, ...options];
    const result = await this.run(args, { progress, readsOnly: true });
    if (result.exitCode !== 0 && result.exitCode !== 2) throw this.failed("plan", result);
    chmodSync(planFile, 0o600);
    return result;
  }

  /** Reads the actions of the saved plan. */
  async show(): Promise<Plan> {
    return planSchema.parse(await this.readPlan());
  }

  /** Reads the differences in the saved plan, field by field. */
  async showChanges(): Promise<PlanChanges> {
    return planChanges.parse(await this.readPlan());
  }

  private async readPlan(): Promise<unknown> {
    const args = ["show", "-json", this.props.planFile];
    return JSON.parse((await this.mustRun("read the plan of", args, { readsOnly: true })).stdout);
  }

  /** Applies the saved plan, and only that. */
  async apply(progress: Progress): Promise<void> {
    await this.mustRun("apply", ["apply", "-json", "-input=false", lockTimeout, this.props.planFile], {
      progress,
    });
  }

  /** Updates the state from the real resources, and changes nothing else. */
  async refresh(progress: Progress): Promise<void> {
    const args = ["apply", "-refresh-only", "-auto-approve", "-json", "-input=false", lockTimeout];
    await this.mustRun("refresh the state of", args, { progress, readsOnly: true });
  }

  /**
   * The state, as JSON; undefined if there is none, or a file of it is incomplete.
   * @param longest the milliseconds that a backend may take, whose connection can stay open without an answer
   * @throws UserError if its backend cannot be read
   */
  async readState(longest = 60_000): Promise<unknown> {
    const { stateFile } = this.props;
    if (stateFile) return attempt(() => JSON.parse(readFileSync(stateFile, "utf8")));
    const options = { fix: backendRemedy, longest };
    const { stdout } = await this.mustRun("read the state of", ["state", "pull", "-no-color"], options);
    const state = stdout.trim() === "" ? undefined : JSON.parse(stdout);
    // A backend without a state returns one without a lineage.
    return state?.lineage ? state : undefined;
  }

  /** Writes the state, if there is none or an older one of the same lineage. */
  async pushState(state: string): Promise<void> {
    const options = { input: state, fix: backendRemedy };
    await this.mustRun("write the state of", ["state", "push", "-no-color", lockTimeout, "-"], options);
  }

  /**
   * The addresses in the state; none if there is no state.
   * @throws UserError if its backend cannot be read
   */
  async stateAddresses(): Promise<string[]> {
    return addressesIn(parseState(await this.readState()));
  }

  /** Removes resources from the state that were already removed by other means. */
  async forget(addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return;
    await this.mustRun("change the state of", ["state", "rm", lockTimeout, ...addresses]);
  }

  forgetPlan(): void {
    rmSync(this.props.planFile, { force: true });
  }

  /** @param what completes "Terraform could not … the stack" */
  private async mustRun(
    what: string,
    args: readonly string[],
    { fix, ...options }: RunOptions & { readonly fix?: string } = {},
  ): Promise<RunResult> {
    const result = await this.run(args, options);
    if (result.exitCode !== 0) throw this.failed(what, result, fix);
    return result;
  }

  private run(
    args: readonly string[],
    { progress, input, readsOnly = false, longest }: RunOptions = {},
  ): Promise<RunResult> {
    const { program, folder, env, sharedProviders, signal, beforeStart } = this.props;
    return runFast({ program, folder, env, readsOnly, sharedProviders }, async (environment) => {
      await beforeStart?.();
      const { cwd, first, chosen } = startIn(program, folder);
      return run(program.path, [...first, ...args], {
        cwd,
        env: { ...environment, ...chosen },
        ...defined({ input, signal, onLine: progress && ((line: string) => this.report(line, progress)) }),
        ...(longest === undefined ? {} : { timeout: longest, kill: true }),
      });
    });
  }

  private report(line: string, progress: Progress): void {
    const event = parseEvent(line);
    if (event?.type === "apply_start")
      progress(`${this.props.stack}: ${event.hook.action} ${event.hook.resource.addr}`);
    if (event?.type === "provision_progress") progress(`${this.props.stack}: ${event.hook.output}`);
  }

  private failed(command: string, result: RunResult, fix?: string): UserError {
    const events = result.stdout.split("\n").map(parseEvent);
    const errors = events
      .flatMap((event) => (event?.type === "diagnostic" ? [event.diagnostic] : []))
      .filter(({ severity }) => severity === "error");
    // Terraform's error names the block in the code, which does not help a person who changed a setting.
    const guarded = errors.flatMap(
      ({ detail }) => /^Resource (\S+) has lifecycle\.prevent_destroy/.exec(detail)?.[1] ?? [],
    );
    if (guarded.length > 0) return dataLoss(guarded.join(", "));
    const holder = lockHolderIn(errors.map(({ detail }) => detail).join("\n") || result.stderr);
    if (holder) return locked(this.props.stack, holder);
    if (errors.some(({ summary }) => isStalePlan(summary))) return changedMeanwhile(this.props.stack);
    // A failed step of this program has printed why, in the lines before Terraform's own error.
    const said = events.flatMap((event) => (event?.type === "provision_progress" ? [event.hook.output] : []));
    const got = [
      ...said.slice(-12),
      errors.map(describe).join("\n") || result.failure || shorten(result.stderr),
    ]
      .filter((line) => line !== "")
      .join("\n");
    return new UserError({
      problem: `Terraform could not ${command} the stack ${this.props.stack}.`,
      got: this.clean(got),
      ...defined({ fix: fix ?? fixOfRefusal(got) ?? noexecFix(got) ?? backendFix(errors) }),
    });
  }

  /** Hides secrets: a backend's client may repeat its connection string, with the password. */
  private clean(text: string): string {
    return hideBackendSecrets(text, this.props.env);
  }
}

/**
 * @throws UserError if the lock file names a provider that no stack declares: it comes from a state, and Terraform would run it
 */
function requireDeclared(stack: StackName, folder: string): void {
  const other = lockedProviders(folder).find((address) => !declaredAddresses.has(address));
  if (other === undefined) return;
  throw new UserError({
    problem: `Terraform installed a provider for the stack ${stack} that no stack declares. It was not run.`,
    got: other,
    expected: declaredProviders.join(", "),
    fix: "Find out who can write the state of that stack, and what names the provider in it.",
  });
}

function describe({ summary, detail, address }: Diagnostic): string {
  return [address ? `${address}: ${summary}` : summary, detail.trim()]
    .filter((line) => line !== "")
    .join("\n");
}

/** How to fix a provider, or Terraform itself, that the operating system does not start. */
function noexecFix(text: string): string | undefined {
  return /fork\/exec \S+: permission denied|^spawn .+ EACCES$/m.test(text) ? noexecRemedy : undefined;
}

/** How to fix a backend that answers, and neither locks, unlocks nor takes a state. Terraform's own advice is about its commands. */
function backendFix(errors: readonly Diagnostic[]): string | undefined {
  const isOfBackend = ({ summary }: Diagnostic) =>
    /^(Error (acquiring|releasing) the state lock|Failed to (save|persist) state)/.test(summary);
  return errors.some(isOfBackend) ? `${backendRemedy} Then run this again.` : undefined;
}

function shorten(text: string): string {
  return text.trim().split("\n").slice(-15).join("\n");
}
