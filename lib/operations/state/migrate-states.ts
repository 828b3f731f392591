import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { describeBackend, type StateBackend } from "../../config/state-backend";
import { UserError } from "../../core/errors";
import { syncFolder } from "../../core/files/files";
import type { Progress } from "../../core/progress";
import { type HomePaths, type StackName, stackNames } from "../../model/home-paths";
import { parseState, type State } from "../../model/terraform-state";
import type { DeployContext } from "../../session/context";
import { refuseOtherStates, stateLost } from "../../session/require-states";
import { deployedRecord } from "../../store/deployed-record";
import { readKeyRecord, writeKeyRecord } from "../../store/key-record";
import { keptBackend } from "../../terraform/kept-backend";
import { type StateStore, stateStore } from "../../terraform/state-store";

/** What became of the states. */
export interface Migration {
  readonly moved: readonly StackName[];
  readonly from: string;
  readonly to: string;
}

interface Move {
  readonly stack: StackName;
  readonly from: StateStore;
  readonly to: StateStore;
  /** Undefined where an earlier run, which was interrupted, has moved it. */
  readonly state: unknown;
  /** What is in the new place already. */
  readonly there: unknown;
}

/**
 * Moves the states to where the settings keep them now, where that is another place. Both are looked at before anything is
 * written, and Terraform compares once more under the backend's lock, so that no newer state and no other one is overwritten.
 * What was moved stays where it was: in a backend unchanged, in the instance directory under another name. Safe to be killed at any
 * line and run again.
 * @returns undefined where they are there already
 * @throws UserError where another state is in that place, or the one that is to be moved is not this instance's
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
    if (!isSame(await from.read(), state) || !isSame(await to.read(), state)) throw changedMeanwhile(stack);
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

/** What is in the new place already may be of any lineage, and of this instance only. */
function refuseOthers(context: DeployContext, moves: readonly Move[]): void {
  const [vault, openrouter] = moves.map(({ state, there }) => parseState(state ?? there));
  const moved = moves.filter(({ state }) => state === undefined).map(({ stack }) => stack);
  refuseOtherStates(context, { vault, openrouter }, moved);
}

const content = z.object({ resources: z.array(z.unknown()), outputs: z.unknown() });

/** Whether two states tell the same: a backend that had none gives what is written into it a lineage of its own. */
function isSame(one: unknown, other: unknown): boolean {
  const [a, b] = [content.safeParse(one).data, content.safeParse(other).data];
  return a !== undefined && isDeepStrictEqual(a, b);
}

/** Nothing reads them there any more; and no later run is to take them for what is deployed. */
function setAside(home: HomePaths): void {
  // What the state alone knew of the key.
  writeKeyRecord(home, readKeyRecord(home));
  for (const stack of stackNames) {
    if (existsSync(home.state(stack))) renameSync(home.state(stack), home.movedState(stack));
    rmSync(`${home.state(stack)}.backup`, { force: true });
    rmSync(home.deployedState(stack), { force: true });
  }
  syncFolder(dirname(home.movedState("vault")));
}

/** From here on they are in the new place. */
async function record(home: HomePaths, backend: StateBackend, moves: readonly Move[]): Promise<void> {
  const deployed = deployedRecord.read(home);
  if (!deployed) return;
  const states = await Promise.all(
    moves.map(async ({ stack, to }) => [stack, parseState(await to.read())] as const),
  );
  deployedRecord.write(home, {
    ...deployed,
    settings: { ...deployed.settings, terraform: { backend } },
    states: Object.fromEntries(
      states.flatMap(([stack, state]) =>
        state ? [[stack, { lineage: state.lineage, serial: state.serial }]] : [],
      ),
    ),
  });
}

function changedMeanwhile(stack: StackName): UserError {
  return new UserError({
    problem: `The state of the stack ${stack} changed while it was moved: another run works on it.`,
    fix: "Wait for that run to end, then run this again. The settings may keep one place only at a time.",
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
    fix: `If the one in the new place is to be gone on with, ${aside}, then: openclaw-openrouter state move\nElse name another place in \`terraform.backend.config\`.`,
  });
}

function describe(state: State | undefined): string {
  return state ? `lineage ${state.lineage}, serial ${state.serial}` : "a state that cannot be read";
}
