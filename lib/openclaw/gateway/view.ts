import { dirname, join } from "node:path";
import { defined } from "../../core/defined";
import { onOneLine } from "../../core/plain-text";
import type { Account } from "../../core/system/os-user";
import { quote } from "../../core/text";
import { openclawNames } from "../../model/openclaw/openclaw-paths";
import { existsAsUser } from "../folder/as-user";
import { type KeySearch, searchPlainKeys } from "../folder/plain-keys";
import { UsersFolder } from "../folder/users-folder";
import { askGateway, longestAsking, type Unanswered } from "./ask";
import { askGatewayInFull, type GatewayFindings } from "./ask-in-full";
import { readGatewayConfig } from "./config";
import { type GatewayInstance, gatewayInstances, reads } from "./instances";
import { type GatewayKey, gatewayKey, isOnlyExecProvider } from "./key";
import { stringAt, valueAt } from "./merged-config";
import { type AllowList, type GatewayModels, gatewayModels, openRouterId, resolveModel } from "./models";
import { findGatewayProgram, type GatewayProgram } from "./program";

/** Whether to ask OpenClaw's program: only its files; which models it uses; or all of its own checks too. */
export type GatewayMode = "no" | "auto" | "full";

export interface ViewOptions {
  readonly account: Account;
  /** OpenClaw's folder. */
  readonly folder: string;
  /** OpenRouter's ids of the declared models, the default one first. */
  readonly declared: readonly string[];
  readonly mode: GatewayMode;
  /** `openclaw.command` in the settings. @default found */
  readonly command?: string;
  /** The Nodes to try first. */
  readonly nodes: readonly string[];
  /** Whether the user's gateways count: the sandbox's folder is no gateway's. @default true */
  readonly instances?: false;
}

/** A use of a model or a credential that is not the declared one. */
export interface Mismatch {
  readonly who: string;
  readonly what: "model" | "profile" | "no fallback";
  /** `provider/model`, or the stored credential. */
  readonly value: string;
  /** The path in the configuration; undefined if only OpenClaw tells of it. */
  readonly name?: string;
  readonly file?: string;
  readonly line?: number;
  /** What a person does if only OpenClaw tells of it. */
  readonly fix?: string;
}

/** What a gateway does with what was deployed. */
export interface GatewayView {
  /** Each agent with the model that it uses. */
  readonly agents: readonly { readonly id: string; readonly model?: string }[];
  readonly mismatches: readonly Mismatch[];
  readonly allowLists: readonly AllowList[];
  readonly key: GatewayKey;
  /** The included files that were not read: the reason by path. */
  readonly unread: ReadonlyMap<string, string>;
  /** OpenClaw's program, if it was asked. */
  readonly asked?: GatewayProgram;
  /** Why it was not asked, or did not answer. */
  readonly notAsked?: string;
  /** What OpenClaw refuses in its configuration: no gateway starts with it. */
  readonly refused?: string;
  /** Another `gateway.mode` than `local`, with which no gateway starts on this host; empty if there is none. */
  readonly otherMode?: string;
  /** What OpenClaw's own checks find, in mode `full`. */
  readonly full?: GatewayFindings;
  /** The files that hold a plain key: of the folder, but those that openclaw.config inspects, and of the gateway's services. */
  readonly keys: KeySearch;
  /** Whether such a key can win over Vault's: an exported or stored one, if the provider's `auth` is not `api-key`. */
  readonly keysWin: boolean;
  /** The user's gateways, if none of them reads this folder. */
  readonly elsewhere: readonly GatewayInstance[];
  /** The names of the running gateways of this folder that call OpenRouter without a proxy. */
  readonly withoutProxy: readonly string[];
}

/**
 * Reads what a gateway does with what was deployed, from its files, and asks its program, if that is there, which model each
 * agent uses.
 * @returns undefined if there is no openclaw.json
 * @throws UserError if the folder is not its user's; Error if openclaw.json cannot be read
 */
export async function viewGateway(options: ViewOptions): Promise<GatewayView | undefined> {
  const { account, folder, declared } = options;
  const read = UsersFolder.with(folder, account, (opened) => opened && readGatewayConfig(opened));
  if (!read) return undefined;
  const models = gatewayModels(read.resolved, `openrouter/${declared[0]}`);
  const isDeclared = (model: string) =>
    declared.includes(openRouterId(resolveModel(model, models.aliases).model) ?? "");
  const instances = options.instances === false ? [] : gatewayInstances(account);
  const [told, keys] = await Promise.all([
    ask(options, instances, isDeclared, isOnlyExecProvider(read.config)),
    options.instances === false ? { files: [] } : searchPlainKeys(folder, account),
  ]);
  const key = gatewayKey(read.config);
  const keysWin = key.kind !== "managed" || key.isOverridable;
  const mode = stringAt(valueAt(read.resolved, ["gateway", "mode"])) ?? "";
  const agents = "agents" in told ? told.agents : models.agents;
  // The names of files, agents and channels are the user's: a line break in one would begin a line of the report, or of a fix.
  return onOneLine({
    agents: agents.map(({ id, model }) => ({ id, ...(model === undefined ? {} : { model }) })),
    mismatches: [
      ...mismatchesOf(models, isDeclared, keysWin),
      ...onlyTold(models, agents, isDeclared),
      ...stored("full" in told ? told.full : undefined, models, isDeclared),
    ],
    allowLists: models.allowLists,
    key,
    keys: {
      ...keys,
      files: [
        ...keys.files.filter((file) => !inspected.includes(file)),
        ...keysOfServices(instances, folder),
      ],
    },
    keysWin,
    unread: read.unread,
    ...("agents" in told
      ? { asked: told.program }
      : { [told.isRefused ? "refused" : "notAsked"]: told.problem }),
    ...("full" in told && told.full ? { full: told.full } : {}),
    ...(mode === "local" ? {} : { otherMode: mode }),
    elsewhere: elsewhere(instances, folder, account),
    withoutProxy: read.configuresProxy
      ? []
      : instances
          .filter(({ lacksProxy }) => lacksProxy)
          .filter(reads(folder, account))
          .map(({ name }) => name),
  });
}

/** The files in which openclaw.config finds a key. */
const inspected: readonly string[] = [openclawNames.guide, openclawNames.gateway, openclawNames.fragment];

interface Told {
  readonly program: GatewayProgram;
  readonly agents: GatewayView["agents"];
  readonly full?: GatewayFindings;
}

async function ask(
  { account, folder, mode, command, nodes }: ViewOptions,
  instances: readonly GatewayInstance[],
  isDeclared: (model: string) => boolean,
  onlyOurs: boolean,
): Promise<Told | Unanswered> {
  if (mode === "no") return { problem: "left out by --gateway no" };
  const program = findGatewayProgram({ account, declared: command, nodes, instances });
  if ("problem" in program) return program;
  const { includeRoots } = instances.find(reads(folder, account)) ?? {};
  const asked = { account, folder, program, ...defined({ includeRoots }), end: Date.now() + longestAsking };
  const answer = await askGateway({ ...asked, isDeclared, onlyOurs });
  if ("problem" in answer) return answer;
  const full = mode === "full" ? { full: await askGatewayInFull(asked, onlyOurs) } : {};
  return { program, agents: answer.agents, ...full };
}

/** The places in the files that name another model than a declared one, or pin a credential that can win. */
function mismatchesOf(
  { uses, agents }: GatewayModels,
  isDeclared: (model: string) => boolean,
  keysWin: boolean,
): Mismatch[] {
  return [
    ...uses.flatMap(({ who, name, file, line, model, profile }): Mismatch[] => {
      const place = { who, name, file, line };
      if (!isDeclared(model)) return [{ ...place, what: "model", value: model }];
      return profile === undefined || !keysWin ? [] : [{ ...place, what: "profile", value: profile }];
    }),
    ...agents.flatMap(({ id, own, losesFallback }): Mismatch[] => {
      if (!own || !losesFallback || !isDeclared(own.model)) return [];
      const { name, file, line, model } = own;
      return [{ who: `agent ${id}`, what: "no fallback", value: model, name, file, line }];
    }),
  ];
}

/** What the gateway tells of an agent and its files do not: its word counts. */
function onlyTold(
  models: GatewayModels,
  agents: GatewayView["agents"],
  isDeclared: (model: string) => boolean,
): Mismatch[] {
  return agents.flatMap(({ id, model }): Mismatch[] => {
    const inFiles = models.agents.find((each) => each.id === id);
    // A model of the defaults that is not declared has its own finding, with its line.
    if (model === undefined || isDeclared(model) || (inFiles?.model && !isDeclared(inFiles.model))) return [];
    const fix = `openclaw models status --agent ${quote(id)}`;
    return [{ who: `agent ${id}`, what: "model", value: model, fix }];
  });
}

/** The chats and jobs that keep a model of their own, which is not a declared one. */
function stored(
  full: GatewayFindings | undefined,
  { aliases }: GatewayModels,
  isDeclared: (model: string) => boolean,
): Mismatch[] {
  return (full?.storedModels ?? []).flatMap(({ who, model, fix }): Mismatch[] =>
    isDeclared(model) ? [] : [{ who, what: "model", value: resolveModel(model, aliases).model, fix }],
  );
}

/** The files of services with a plain key; those in the folder are found there. */
function keysOfServices(instances: readonly GatewayInstance[], folder: string): string[] {
  const files = new Set(instances.flatMap(({ keyFiles }) => keyFiles));
  return [...files].filter((path) => !path.startsWith(`${folder}/`));
}

/** The user's gateways, if none of them reads this folder. One that reads another instance's folder counts for nothing. */
function elsewhere(
  instances: readonly GatewayInstance[],
  folder: string,
  account: Account,
): readonly GatewayInstance[] {
  if (instances.some(reads(folder, account))) return [];
  return instances.filter(
    ({ location }) => !existsAsUser(join(dirname(location.config), openclawNames.own), account),
  );
}
