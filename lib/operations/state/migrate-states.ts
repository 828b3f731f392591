import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { describeBackend, type StateBackend } from "../../config/backend";
import { UserError } from "../../core/errors";
import { syncFolder } from "../../core/files/files";
import type { Progress } from "../../core/progress";
import { type HomePaths, type StackName, stackNames } from "../../model/home-paths";
import { parseState, type State } from "../../model/terraform-state";
import type { DeployContext } from "../../session/context";
import { refuseOtherStates, stateLost } from "../../session/requirements";
import { deployedRecord, statesToRecord } from "../../store/records/deployed-record";
import { readKeyRecord, writeKeyRecord } from "../../store/records/key-record";
import { keptBackend } from "../../terraform/kept-backend";
import { type StateStore, stateStore } from "../../terraform/state-store";

/** The result of a migration of the states. */
export interface Migration {
  readonly moved: readonly StackName[];
  readonly from: string;
  readonly to: string;
}

interface Move {
  readonly stack: StackName;
  readonly from: StateStore;
  readonly to: StateStore;
  /** Undefined if there is none, or an earlier, interrupted run has moved it. */
  readonly state: unknown;
  /** The state that is already in the new place. */
  readonly there: unknown;
}

/**
 * Moves the states to the backend in the settings, if it is another one. Inspects both places before it writes, and Terraform
 * compares again under the backend's lock, so that neither a newer nor another state is overwritten. The old states stay:
 * unchanged in a backend, under another name in the instance directory. If it is killed at any point, the next run resumes it.
 * @returns undefined if the backend is the same
 * @throws UserError if another state is in the new place, or the state to move is not this instance's
 */
export async function migrateStates(
  context: DeployContext,
  progress: Progress,
): Promise<Migration | undefined> {
  const { home, settings } = context.deployment;
  const [kept, wanted] = [keptBackend(home), settings.terraform.backend];
  if (!kept || isDeepStrictEqual(kept, wanted)) return undefined;
  const moves: Move[] = [];
  for (const stack of stackNames) moves.push(await inspect(context, stack, kept, wanted));
  const left = moves.filter(({ state }) => state !== undefined);
  refuseOthers(context, moves);
  for (const { stack, state, from, to } of left) {
    progress(`${stack}: moving the state to ${describeBackend(wanted)}`);
    await to.write(state);
    if (!isSame(await from.read(), state) || !isSame(await to.read(), state))
      throw new UserError({
        problem: `The state of the stack ${stack} changed while it was moved: another run works on it.`,
        fix: "Wait for that run to end, then run this command again. Use only one backend at a time.",
      });
  }
  if (kept.type === "local") setAside(home);
  await record(home, wanted, moves);
  return {
    moved: left.map(({ stack }) => stack),
    from: describeBackend(kept),
    to: describeBackend(wanted),
  };
}

async function inspect(
  context: DeployContext,
  stack: StackName,
  kept: StateBackend,
  wanted: StateBackend,
): Promise<Move> {
  const [from, to] = [stateStore(context, stack, kept), stateStore(context, stack, wanted)];
  const state = await from.read();
  const there = await to.read();
  if (state === undefined) {
    if (there === undefined && deployedRecord.read(context.deployment.home)?.states?.[stack])
      throw stateLost(context.deployment, [stack]);
    return { stack, from, to, state, there };
  }
  if (there === undefined) return { stack, from, to, state, there };
  if (isSame(state, there)) return { stack, from, to, state: undefined, there };
  const [ours, theirs] = [parseState(state), parseState(there)];
  if (ours && theirs && ours.lineage === theirs.lineage && ours.serial > theirs.serial)
    return { stack, from, to, state, there };
  throw otherIsThere(context, stack, { kept, wanted, ours, theirs });
}

/** Refuses a state of another instance. In the new place, any lineage of this instance is allowed. */
function refuseOthers(context: DeployContext, moves: readonly Move[]): void {
  const [vault, openrouter] = moves.map(({ state, there }) => parseState(state ?? there));
  const moved = moves.filter(({ state }) => state === undefined).map(({ stack }) => stack);
  refuseOtherStates(context, { vault, openrouter }, moved);
}

const content = z.object({ resources: z.array(z.unknown()), outputs: z.unknown() });

/** Whether two states have the same contents. The lineage can differ: an empty backend assigns its own. */
function isSame(one: unknown, other: unknown): boolean {
  const [a, b] = [content.safeParse(one).data, content.safeParse(other).data];
  return a !== undefined && isDeepStrictEqual(a, b);
}

/** Renames the local states after the move, so that no later run reads them. */
function setAside(home: HomePaths): void {
  // Writes what only the state recorded of the key.
  writeKeyRecord(home, readKeyRecord(home));
  for (const stack of stackNames) {
    if (existsSync(home.state(stack))) renameSync(home.state(stack), home.movedState(stack));
    rmSync(`${home.state(stack)}.backup`, { force: true });
    rmSync(home.deployedState(stack), { force: true });
  }
  syncFolder(dirname(home.movedState("vault")));
}

/** Records the new place of the states. */
async function record(home: HomePaths, backend: StateBackend, moves: readonly Move[]): Promise<void> {
  const deployed = deployedRecord.read(home);
  if (!deployed) return;
  const states = await Promise.all(
    moves.map(async ({ stack, to }) => [stack, parseState(await to.read())] as const),
  );
  deployedRecord.write(home, {
    ...deployed,
    settings: { ...deployed.settings, terraform: { backend } },
    states: statesToRecord(states),
  });
}

function otherIsThere(
  { deployment }: DeployContext,
  stack: StackName,
  found: {
    readonly kept: StateBackend;
    readonly wanted: StateBackend;
    readonly ours: State | undefined;
    readonly theirs: State | undefined;
  },
): UserError {
  const { kept, wanted, ours, theirs } = found;
  const isNewer = ours?.lineage === theirs?.lineage;
  const there = describeBackend(wanted);
  const aside =
    kept.type === "local"
      ? `move ${stackNames.map(deployment.home.state).join(" and ")} away`
      : `empty ${describeBackend(kept)}`;
  return new UserError({
    problem: isNewer
      ? `A state of the stack ${stack} that is as new or newer is in the new place. Nothing was moved.`
      : `Another state of the stack ${stack} is in the new place. Nothing was moved.`,
    got: `${describe(theirs)} in ${there}`,
    expected: isNewer
      ? `an older one than serial ${ours?.serial}, or none`
      : `none, or one of ${describe(ours)}`,
    fix: `To use the state in the new place, ${aside}, then: openclaw-openrouter state move\nElse name another place in \`terraform.backend.config\`.`,
  });
}

function describe(state: State | undefined): string {
  return state ? `lineage ${state.lineage}, serial ${state.serial}` : "an unreadable state";
}
