import { basename } from "node:path";
import { backupsLeft } from "../../backup/places";
import { wrap } from "../../core/text";
import { requireEngine } from "../../docker/engine";
import { removalCommand } from "../../host/installed-program";
import type { Deployment } from "../../model/deployment";
import { keysPage } from "../../model/openrouter-key";
import type { Uninstallation } from "../../openclaw/uninstall";
import { destroy } from "../../operations/deploy/destroy";
import { hostKeysLeft, purge, purgeFromExternal, purgeList, statesLeft } from "../../operations/deploy/purge";
import { leaveVault } from "../../operations/hosts/leave";
import { prepare } from "../../session/context";
import { cronLinesOf } from "../../session/schedule/schedule";
import { instances } from "../../store/home";
import { sayCronLines } from "../cron-lines";
import type { LockedInstance, Outcome } from "../define-command";
import { type AdminTokenOptions, adminTokenFrom } from "../input/admin-token";
import type { DestroyOptions } from "../options/destroy-options";
import { say } from "../output";

/** Removes the instance, and names the lines of the crontab that stay. */
export async function removeInstance(call: LockedInstance, options: DestroyOptions): Promise<Outcome> {
  const { instance, home } = call.deployment;
  const outcome = await remove(call, options);
  const cronLines = await cronLinesOf({ instance, home: home.root });
  sayCronLines(cronLines);
  return { ...outcome, json: { ...outcome.json, cronLines } };
}

function remove(call: LockedInstance, options: DestroyOptions): Promise<Outcome> {
  if (call.deployment.external?.joinedAs !== undefined) return runLeave(call, options.purge === true);
  return options.purge ? runPurge(call, options) : runDestroy(call, options);
}

/** On a host that joined another instance's Vault. */
async function runLeave({ deployment }: LockedInstance, purge: boolean): Promise<Outcome> {
  const files = await leaveVault(deployment, purge);
  sayFiles(files);
  const name = deployment.external?.joinedAs;
  return {
    json: { purged: purge, ...files },
    text: `Removed. The Vault at ${deployment.address} still knows this host. On the Vault's host, the command\n\`host evict ${name}\` takes its access away.`,
  };
}

async function runDestroy({ preparing }: LockedInstance, options: AdminTokenOptions): Promise<Outcome> {
  const files = await destroy(await prepare(preparing), adminTokenFrom(options));
  sayFiles(files);
  return {
    json: { purged: false, ...files },
    text: "Removed. `openclaw-openrouter up` deploys again with Vault's data.",
  };
}

/** Tells what of OpenClaw's files was not restored as it was. */
function sayFiles({ parted, kept, saved }: Uninstallation): void {
  for (const path of parted) say(`! ${path} was edited since: only the managed parts were removed.`);
  for (const path of kept)
    say(`! ${path} does not parse, or is no file or folder of OpenClaw's user: it stays unchanged.`);
  for (const path of saved)
    say(`! ${basename(path)} from before the first deploy was not put back. It is in ${path}.`);
}

async function runPurge(
  { deployment, preparing }: LockedInstance,
  options: AdminTokenOptions,
): Promise<Outcome> {
  const [backups, states] = [backupsLeft(deployment.instance), statesLeft(deployment)];
  const hostKeys = hostKeysLeft(deployment);
  const files = deployment.external
    ? await purgeFromExternal(deployment, preparing.phase, adminTokenFrom(options))
    : await purge(deployment, await requireEngine(), preparing.phase);
  sayFiles(files);
  const removed = `Everything of this instance is removed${backups ? `, except its backups in ${backups}` : ""}.`;
  const left = states ? [`${statesStay(states)} Remove them before another \`up\` uses that place.`] : [];
  const valid = hostKeys.map(
    ({ host, label }) => `! The host ${host} may have kept its key ${label}, which works.`,
  );
  if (hostKeys.length > 0) valid.push(`  Disable these keys at ${keysPage}`);
  return {
    json: { purged: true, hostKeys, ...files },
    text: [removed, ...left, ...valid, ...whatStays()].join("\n"),
  };
}

function statesStay(backend: string): string {
  return `Terraform's states stay in ${backend}.`;
}

/**
 * Names the command that removes the program, after the last instance. The program stays: other instance folders can use it.
 */
function whatStays(): string[] {
  const command = removalCommand();
  return command && instances().length === 0 ? [`The installed program stays. To remove it: ${command}`] : [];
}

/** The question before it. */
export function removalQuestion(deployment: Deployment, { purge }: DestroyOptions): string {
  return purge ? purgeQuestion(deployment) : destroyQuestion(deployment);
}

function purgeQuestion(deployment: Deployment): string {
  const list = purgeList(deployment).map((line) => `  - ${line}`);
  const [backups, states] = [backupsLeft(deployment.instance), statesLeft(deployment)];
  const statesToo = states ? `\n${wrap(statesStay(states), 80).join("\n")}` : "";
  const stay = backups
    ? `\n${wrap(`The backups in ${backups} stay. Backups without shares can only be read with the shares, which are removed with the instance directory: distribute them first with \`shares export\`.`, 80).join("\n")}`
    : "";
  return `This cannot be undone. It removes:\n${list.join("\n")}${statesToo}${stay}`;
}

function destroyQuestion({ external, address, container, openclawFolder }: Deployment): string {
  if (external?.joinedAs !== undefined)
    return `This removes this host's credential for the Vault at ${address}, and the files placed in ${openclawFolder}.`;
  return external
    ? `This removes the policies and roles of this instance from the Vault at ${address}, and the files placed in ${openclawFolder}. The key and everything else in that Vault stay.`
    : `This removes the container ${container} and the files placed in ${openclawFolder}. Vault's data, shares and state stay.`;
}
