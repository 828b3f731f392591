import { defaultInstance, sandboxInstance } from "../config/sandbox";
import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { table } from "../core/text";
import { describeDeployed, describeLastCheck, readStatus, type Status } from "../operations/status";
import { loadDeployment } from "../session/load-deployment";
import { readSchedules, type ScheduleStatus } from "../session/schedule/schedule-status";
import { instances } from "../store/home";
import { selectInstance } from "../store/select";
import { say, speakOf } from "./output";

/** Prints the overview of a start without arguments: the current status, and what to do next. Changes nothing. */
export async function showOverview(): Promise<ExitCode> {
  const all = instances();
  const instance = selectInstance({ keyGiven: false });
  if (!all.includes(instance)) {
    say(all.length === 0 ? toBegin : toChoose(all));
    return ExitCode.Ok;
  }
  speakOf(instance);
  try {
    const deployment = loadDeployment(instance);
    const schedules = await readSchedules({ instance, home: deployment.home.root });
    say(renderOverview(await readStatus(deployment), schedules, all));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say(`Instance ${instance}: ${error.message}`);
    return ExitCode.Failed;
  }
  return ExitCode.Ok;
}

const toBegin = `To start: openclaw-openrouter up
  It asks for your OpenRouter API key, deploys Vault and OpenClaw's files, and
  verifies them. Press Enter without a key to try it with a local OpenRouter.
To check this host first: openclaw-openrouter doctor
All commands: openclaw-openrouter help`;

function toChoose(instances: readonly string[]): string {
  return `Deployed on this host: ${instances.join(", ")}
Next: openclaw-openrouter status --instance ${instances[0]}
All commands: openclaw-openrouter help`;
}

/** Ten lines at most. */
export function renderOverview(
  status: Status,
  schedules: readonly ScheduleStatus[],
  instances: readonly string[],
): string {
  const { instance, vault, key, lastCheck, running } = status;
  const others = instances.filter((each) => each !== instance);
  const scheduled = schedules.filter(({ by }) => by !== undefined).map(({ name }) => name);
  const rows: readonly (readonly [string, string])[] = [
    ["Instance", instance + (others.length > 0 ? `; also here: ${others.join(", ")}` : "")],
    ["Deployed", describeDeployed(status.deployedAt)],
    ["Vault", `${describeVault(status)}, ${vault.address}`],
    ...(vault.kind === "own" && status.deployedAt ? ([["Key shares", vault.shares]] as const) : []),
    ["Key", key.fingerprint ? `stored, fingerprint ${key.fingerprint}` : "none"],
    ["Last check", describeLastCheck(lastCheck)],
    ["Scheduled", [scheduled.join(", ") || "nothing", ...status.schedules].join("; ")],
    ...(running ? ([["Runs now", running.command]] as const) : []),
    ["Next", next(status, scheduled)],
    ["All commands", "openclaw-openrouter help"],
  ];
  return table(
    rows.map(([name, value]) => [`${name}:`, value]),
    " ",
  );
}

function describeVault({ vault, container }: Status): string {
  const version = vault.version ? ` ${vault.version}` : "";
  if (vault.sealed !== undefined) return `${vault.sealed ? "sealed" : "unsealed"}${version}`;
  if (isUnknown(container)) return "not known, since no Docker Engine answers";
  return container?.state === "running" ? "does not answer" : `container ${container?.state ?? "not known"}`;
}

/** Whether the container's state is unknown because no engine answers. */
function isUnknown(container: Status["container"]): boolean {
  return container?.state === "not known";
}

/** The most useful next command. */
function next(status: Status, scheduled: readonly string[]): string {
  const { instance, vault, container, lastCheck } = status;
  const on = instance === defaultInstance ? "" : ` --instance ${instance}`;
  if (isUnknown(container)) return `openclaw-openrouter doctor${on}  (what is wrong with the host)`;
  if (status.replacing) return `${status.replacing.resume}${on}  (resumes it)`;
  if (!status.deployedAt || container?.state === "missing")
    return `openclaw-openrouter up${on}  (finishes the deploy)`;
  if (vault.sealed !== false) return nextForVault(status, on);
  if (lastCheck === undefined) return `openclaw-openrouter check${on}`;
  if (lastCheck.outcome === "fail")
    return `openclaw-openrouter check${on}  (shows what failed, and how to fix it)`;
  if (instance === sandboxInstance)
    return `openclaw-openrouter up --instance ${defaultInstance}  (with your own key)`;
  if (scheduled.length === 0)
    return `openclaw-openrouter schedule add${on}  (runs check, drift, … by itself)`;
  if (vault.kind === "own" && vault.shares === "on this host")
    return `openclaw-openrouter shares export${on}  (gives the key shares to people)`;
  return `openclaw-openrouter drift${on}  (is it still what was deployed?)`;
}

function nextForVault({ vault }: Status, on: string): string {
  return vault.kind === "own"
    ? `openclaw-openrouter vault unseal${on}`
    : `openclaw-openrouter check${on}  (shows what its owner has to do)`;
}
