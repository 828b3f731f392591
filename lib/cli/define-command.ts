import { type Argument, type Command, Option } from "commander";
import { ExitCode } from "../core/exit-codes";
import type { Deployment } from "../model/deployment";
import type { DeployContext, EngineContext, PrepareOptions } from "../session/context";
import { areSharesElsewhere } from "../store/records/shares-record";
import { isKeyIn, selectInstance } from "../store/select";
import { pathOf } from "./command";
import type { HostPart, VariableName } from "./environment";
import { confirmStarting, requireYes } from "./input/prompts";
import { type SharesOptions, sharesGiven } from "./input/shares-input";
import {
  bundleOf,
  commonGroup,
  type HostOptions,
  type InstanceOptions,
  type OptionGroup,
  optionGroup,
  type Parsed,
  type Parts,
} from "./options/options";
import { printJson, say, speakOf } from "./output";
import { phaseRunner } from "./phases";
import { type CommandRun, runCommand } from "./run-command";

/** Adds a command to the program or to a group. */
export type Register = (parent: Command) => Command;

/** The result of a command, where it does not print it by itself. */
export interface Outcome {
  /** Printed with `--json`, behind `version` and `instance`. */
  readonly json?: object;
  /** Printed for people, with and without `--json`. */
  readonly text?: string | undefined;
  /** What the JSON says, for people: printed without `--json` only. */
  readonly view?: string;
  /** @default ExitCode.Ok */
  readonly code?: ExitCode;
}

/** How the host is prepared for a command, and what it requires. */
interface Preparation {
  /** Serves the local OpenRouter during the run, if the instance is `sandbox`. @default false */
  readonly servesSandbox?: boolean;
  /** Whether a host that joined another instance's Vault has this command. @default it refuses */
  readonly onJoined?: boolean;
  /** Fails for an external Vault: what cannot be done, and what its owner does. @default any Vault */
  readonly ownVault?: readonly [what: string, instead: string];
  /** Whether people are asked for shares that are not on this host. @default true */
  readonly asksForShares?: boolean;
  /** Whether phases leave room for questions. @default only if shares can be asked for */
  readonly mayAsk?: boolean;
  /** Whether this run replaces Vault's data, and so resumes an interrupted replacement. @default false */
  readonly replacesData?: boolean;
}

/** A deployed instance under its lock. */
export interface LockedInstance extends CommandRun {
  readonly deployment: Deployment;
  /** What `prepare` needs. */
  readonly preparing: PrepareOptions;
}

/** What a command can need, and what it then gets. */
interface Needs {
  /** Nothing of an instance. */
  nothing: object;
  /** The name of the instance; it can be undeployed. */
  name: { readonly instance: string };
  /** The instance as its settings describe it; it can be undeployed. */
  settings: { readonly instance: string; readonly deployment: Deployment };
  /** A deployed instance. */
  deployed: { readonly deployment: Deployment };
  /** A deployed instance, locked: the command changes it. */
  lock: LockedInstance;
  /** A deployed instance, locked, and its engine found. */
  engine: LockedInstance & { readonly context: EngineContext };
  /** A deployed instance, locked, and its host prepared. */
  context: LockedInstance & { readonly context: DeployContext };
}

/** What each command gets. */
interface Call<O> {
  readonly options: O;
  readonly command: Command;
}

/** What the help of a command says besides what follows from its options. */
interface Declared {
  /** @default "nothing" */
  readonly needs?: keyof Needs;
  /** The parts of the host that it uses, if its needs do not say so. */
  readonly uses?: readonly HostPart[];
  /** The environment variables that it reads, if neither an option nor a part of the host says so. */
  readonly reads?: readonly VariableName[];
  /** What its exit codes mean, if it is not the usual. */
  readonly exits?: Partial<Record<ExitCode, string>>;
}

interface CommandSpec<G extends Parts, N extends keyof Needs, I> extends Preparation, Declared {
  readonly name: string;
  readonly summary: string;
  readonly arguments?: readonly Argument[];
  readonly options?: G;
  /** The end of its help. */
  readonly help?: string;
  readonly needs?: N;
  /** Checks the options before anything is read. @throws UserError (wrong usage) */
  readonly check?: (call: Call<Parsed<G>>) => unknown;
  /** What it does instead, if its options ask for other hosts. @returns undefined if they do not */
  readonly elsewhere?: (call: Call<Parsed<G>>) => Promise<ExitCode | undefined>;
  /** The question before the lock is taken; `--yes` answers it. */
  readonly question?: (call: Call<Parsed<G>> & Needs["deployed"]) => string | Promise<string>;
  /** Reads input before the lock is taken. */
  readonly input?: (call: Call<Parsed<G>> & Needs["deployed"]) => Promise<I>;
  readonly run: (
    call: Call<Parsed<G>> & Needs[N] & { readonly input: I },
  ) => Outcome | ExitCode | Promise<Outcome | ExitCode>;
}

const declared = new WeakMap<Command, Declared>();

/** What a command of {@link defineCommand} declares; nothing for another one. */
export const declaredOf = (command: Command): Declared => declared.get(command) ?? {};

/** Defines a command: its options, what it needs, and what it does. */
export function defineCommand<const G extends Parts = [], N extends keyof Needs = "nothing", I = undefined>(
  spec: CommandSpec<G, N, I>,
): Register {
  return (parent) => {
    const command = parent.command(spec.name).description(spec.summary);
    for (const argument of spec.arguments ?? []) command.addArgument(argument);
    optionGroup(...(spec.options ?? []))(command);
    command.addHelpOption(new Option("-h, --help", "print this help").helpGroup(commonGroup));
    if (spec.help) command.addHelpText("after", `\n${spec.help}`);
    declared.set(command, spec);
    return command.action(async () => {
      process.exitCode = await runSpec(spec as unknown as AnySpec, command);
    });
  };
}

type AnyOptions = InstanceOptions & HostOptions & SharesOptions & { readonly yes?: boolean };
type AnySpec = CommandSpec<[OptionGroup<AnyOptions>], keyof Needs, unknown> & {
  readonly run: (call: object) => Outcome | ExitCode | Promise<Outcome | ExitCode>;
};

async function runSpec(spec: AnySpec, command: Command): Promise<ExitCode> {
  const options = command.optsWithGlobals<AnyOptions>();
  const call = { options, command };
  const { needs = "nothing" } = spec;
  await spec.check?.(call);
  const elsewhere = await spec.elsewhere?.(call);
  if (elsewhere !== undefined) return elsewhere;
  if (needs === "nothing") return tell(await spec.run(call), options);
  if (needs === "name" || needs === "settings") {
    const keyGiven = needs === "settings" && isKeyIn(process.env);
    const instance = selectInstance({ named: options.instance, keyGiven });
    speakOf(instance);
    if (needs === "name") return tell(await spec.run({ ...call, instance }), options, instance);
    const { loadDeployment } = await import("../session/load-deployment");
    const deployment = loadDeployment(instance, options.settings);
    return around(pathOf(command), spec, deployment, async () =>
      tell(await spec.run({ ...call, instance, deployment }), options, instance),
    );
  }
  const deployment = await openedInstance(options);
  await refuseOnJoined(pathOf(command), spec, deployment);
  const input = await spec.input?.({ ...call, deployment });
  const question = await spec.question?.({ ...call, deployment });
  if (question !== undefined && !(await requireYes(question, options))) return ExitCode.Failed;
  if (needs === "deployed")
    return around(pathOf(command), spec, deployment, async () =>
      tell(await spec.run({ ...call, deployment, input }), options, deployment.instance),
    );
  return underLock(pathOf(command), deployment, options, spec, async (locked) => {
    const having = {
      ...(needs === "context" ? { context: await prepareContext(locked.preparing) } : {}),
      ...(needs === "engine" ? { context: await engineContext(locked.preparing) } : {}),
    };
    return spec.run({ ...call, ...locked, ...having, input });
  });
}

/** The deployed instance that the options mean; later texts for people are about it. @throws UserError (not deployed) */
export async function openedInstance(options: InstanceOptions): Promise<Deployment> {
  const { openInstance } = await import("../session/load-deployment");
  const deployment = openInstance(options);
  speakOf(deployment.instance);
  return deployment;
}

/** Runs the work of a command that changes a deployed instance: under its lock, after its requirements are checked. */
export async function underLock(
  name: string,
  deployment: Deployment,
  options: AnyOptions,
  preparation: Preparation,
  work: (locked: LockedInstance) => Outcome | ExitCode | Promise<Outcome | ExitCode>,
): Promise<ExitCode> {
  return runCommand(name, deployment, (run) =>
    around(name, preparation, deployment, async () => {
      const { asksForShares = true, mayAsk, replacesData = false } = preparation;
      const canAsk = asksForShares && !deployment.external && areSharesElsewhere(deployment.home);
      const preparing = {
        ...{ deployment, ...run, say, confirm: confirmStarting, replacesData },
        phase: phaseRunner({ mayAsk: mayAsk ?? canAsk }),
        ...(asksForShares ? sharesGiven(options) : {}),
        ...bundleOf(options),
      };
      return tell(await work({ deployment, ...run, preparing }), options, deployment.instance);
    }),
  );
}

/** Prepares the host. A run that replaces Vault's data creates a container, so it requires a supported image. */
export async function prepareContext(preparing: PrepareOptions): Promise<DeployContext> {
  const { prepare } = await import("../session/context");
  if (!preparing.replacesData) return prepare(preparing);
  const { requireLastSettings, requireVaultContainer } = await import("../session/requirements");
  requireLastSettings(preparing.deployment);
  const context = await prepare(preparing);
  for (const warning of await requireVaultContainer(context)) say(`! ${warning}`);
  return context;
}

async function engineContext(preparing: PrepareOptions): Promise<EngineContext> {
  const { prepareEngine } = await import("../session/context");
  return prepareEngine(preparing);
}

/** @throws UserError (wrong usage) if the instance is a joined host, which does not have this command */
async function refuseOnJoined(
  name: string,
  { onJoined }: Preparation,
  deployment: Deployment,
): Promise<void> {
  if (onJoined || deployment.external?.joinedAs === undefined) return;
  const { requireNotJoined } = await import("../session/external-vault");
  requireNotJoined(deployment, name);
}

async function around<T>(
  name: string,
  preparation: Preparation,
  deployment: Deployment,
  work: () => Promise<T>,
): Promise<T> {
  await refuseOnJoined(name, preparation, deployment);
  const { ownVault, servesSandbox } = preparation;
  if (ownVault) {
    const { requireOwnVault } = await import("../session/external-vault");
    requireOwnVault(deployment, ...ownVault);
  }
  if (!servesSandbox) return work();
  const { withSandboxServed } = await import("../sandbox/serve");
  return withSandboxServed(deployment, work);
}

/** Prints an outcome. @returns its exit code */
function tell(outcome: Outcome | ExitCode, { json: wanted }: InstanceOptions, instance?: string): ExitCode {
  if (typeof outcome === "number") return outcome;
  const { json, view, text, code = ExitCode.Ok } = outcome;
  if (wanted && json) printJson({ version: 1, ...(instance === undefined ? {} : { instance }), ...json });
  if (!wanted && view !== undefined) say(view);
  if (text !== undefined) say(text);
  return code;
}
