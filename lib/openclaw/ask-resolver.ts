import { z } from "zod";
import { attempt } from "../core/attempt";
import { defined } from "../core/defined";
import { ifError, reasonOf, SystemError, UserError } from "../core/errors";
import { plainLine } from "../core/plain-text";
import { type Account, accountOf } from "../core/system/os-user";
import type { RunResult } from "../core/system/process";
import type { EngineApi } from "../docker/engine-api";
import { type ExecResult, execute } from "../docker/engine-exec";
import { runUsersProgram } from "../host/users-program";
import { addressesOf, type VaultPlace } from "../model/deployment";
import { resolverEnvironment, secretProviderName, secretReferenceId } from "../model/openclaw/openclaw";
import { openclawNames, openclawPaths } from "../model/openclaw/openclaw-paths";
import type { GatewayParameters, InstallParameters } from "../model/run-parameters";
import { UsersFolder } from "./folder/users-folder";
import { hasSocket } from "./gateway/container";

/** What the gateway gets if it asks for the key: the key, or the reason why there is none. */
type ResolverAnswer = { readonly key: string } | { readonly problem: string };

const answer = z.object({
  protocolVersion: z.literal(1),
  values: z.record(z.string(), z.string()),
  errors: z
    .record(z.string(), z.object({ code: z.string(), message: z.string().transform(shortened) }))
    .optional(),
});

/** What its user's program says, for a message. */
function shortened(text: string): string {
  return plainLine(text).slice(0, 300);
}

/** The gateway's own time limit, in milliseconds. See `renderFragment`. */
const timeout = 15_000;

const request = JSON.stringify({
  protocolVersion: 1,
  provider: secretProviderName,
  ids: [secretReferenceId],
});

/**
 * Asks the installed resolver for the key, as the gateway does: same user, working folder, environment and protocol.
 * @param place the Vault of the fragment
 */
export async function askResolver(
  { folder, user }: Pick<InstallParameters, "folder" | "user">,
  place: VaultPlace,
): Promise<ResolverAnswer> {
  const paths = openclawPaths(folder);
  const account = accountOf(user);
  const problem = problemOf(folder, account);
  if (problem !== undefined) return { problem };
  const env = environmentFor(place, addressesOf(place), paths.vaultCa);
  const options = { account, env, cwd: paths.own, input: request, timeout };
  return answerOf(await runUsersProgram(paths.resolver, options));
}

/** The resolver's environment, as the gateway makes it from the fragment. */
function environmentFor(place: VaultPlace, address: string, vaultCa: string): Record<string, string> {
  return { OPENCLAW_CLI: "1", ...resolverEnvironment(place, address, vaultCa) };
}

/** A gateway's container that cannot be asked. */
export interface Untried {
  /** Why: no engine answers, it does not run, or it does not mount the volume of Vault's Unix listener. */
  readonly untried: "no engine" | "stopped" | "no socket";
  readonly gateway: GatewayParameters;
}

/**
 * Asks the resolver where the gateway runs: on this host, or in its container.
 * @param place the Vault, as this host reaches it
 * @param engine the engine of the container; undefined if none is reachable
 */
export function askWhereGatewayRuns(
  { gateway, ...parameters }: Pick<InstallParameters, "folder" | "user" | "gateway">,
  place: VaultPlace,
  engine: EngineApi | undefined,
): Promise<ResolverAnswer | Untried> {
  return gateway ? askResolverIn(engine, gateway, parameters, place) : askResolver(parameters, place);
}

/**
 * Asks the resolver in the gateway's container, as the gateway there does.
 * @param engine the engine of the container; undefined if none is reachable
 * @param onHost its folder on this host, and its user: `uid:gid`, or by name
 * @param place the Vault, as this host reaches it
 */
async function askResolverIn(
  engine: EngineApi | undefined,
  gateway: GatewayParameters,
  onHost: Pick<InstallParameters, "folder" | "user">,
  place: VaultPlace,
): Promise<ResolverAnswer | Untried> {
  const { user } = onHost;
  const { container: name, folder, address, socketVolume } = gateway;
  if (!engine) return { untried: "no engine", gateway };
  const container = await engine.inspectContainer(name);
  if (container?.State.Status !== "running") return { untried: "stopped", gateway };
  if (address.startsWith("unix:") && !hasSocket(container, socketVolume))
    return { untried: "no socket", gateway };
  const problem = problemOf(onHost.folder, accountOf(user));
  if (problem !== undefined) return { problem };
  const { own, resolver, vaultCa } = openclawPaths(folder);
  const environment = Object.entries(environmentFor(place, address, vaultCa)).map((entry) => entry.join("="));
  const options = { ...defined({ user }), environment, folder: own, input: request };
  return execute(engine, name, [resolver], options).then(
    answerOf,
    // Newer engines refuse to run what is not there, and a resolver may not end.
    ifError(SystemError, ({ message }) => ({
      problem: `asking it in the container ${name} failed: ${message}`,
    })),
  );
}

/** A shell or an engine may not execute it. */
const notExecutable = 126;
const howToRunIt =
  "if its file system is mounted noexec, set `openclaw.folder` in the settings to a folder on another one";

function answerOf(result: RunResult | ExecResult): ResolverAnswer {
  const { exitCode, stdout, stderr } = result;
  if (exitCode !== 0) {
    const said = (stderr.trim() || stdout.trim()).split("\n").at(-1) ?? "";
    const failure = "failure" in result ? result.failure : undefined;
    const hint = exitCode === notExecutable ? `; ${howToRunIt}` : "";
    return { problem: failure ?? `it ended with exit code ${exitCode}: ${shortened(said)}${hint}` };
  }
  const parsed = answer.safeParse(attempt(() => JSON.parse(stdout)));
  if (!parsed.success) return { problem: "its answer does not follow the protocol" };
  const { values, errors } = parsed.data;
  const key = values[secretReferenceId];
  return key === undefined
    ? { problem: errors?.[secretReferenceId]?.message ?? "it returned no value" }
    : { key };
}

/**
 * The reason why the gateway would not run the resolver: it accepts only a plain file of its own user that nobody else can write
 * to.
 */
function problemOf(path: string, account: Account): string | undefined {
  const inFolder = (folder: UsersFolder | undefined) =>
    folder?.folder(openclawNames.own)?.read(openclawNames.resolver);
  const resolver = attempt(() => UsersFolder.with(path, account, inFolder), ifError(UserError, reasonOf));
  if (!resolver) return "it is missing";
  if (typeof resolver === "string") return resolver;
  if ((resolver.mode & 0o022) === 0) return undefined;
  return `others can write to it (mode ${resolver.mode.toString(8)}), so OpenClaw does not run it`;
}
