import { defaultInstance, sandboxInstance } from "../../config/sandbox";
import { reasonOf, UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { hanging, wrap } from "../../core/text";
import { installProgram } from "../../host/install-program";
import { type Deployment, reachOf } from "../../model/deployment";
import { describeReplaced } from "../../model/openclaw/models";
import type { CheckReport } from "../../report/check-report";
import { sandboxKey, serveSandbox } from "../../sandbox/serve";
import { type DeployContext, type PrepareOptions, prepare } from "../../session/context";
import {
  requireData,
  requireLastSettings,
  requireStates,
  requireVaultContainer,
} from "../../session/requirements";
import { renewSchedules } from "../../session/schedule/schedule";
import { deployedRecord } from "../../store/records/deployed-record";
import { readKeyRecord } from "../../store/records/key-record";
import { replacingRecord } from "../../store/records/replacing-record";
import { forgetData } from "../restore/replace-data";
import { type Migration, migrateStates } from "../state/migrate-states";
import { offerToAccept } from "./accept-warnings";
import { type DeployOptions, deployAndCheck } from "./deploy";
import { remindOfLimit } from "./key-without-limit";
import { describeListening } from "./listening";
import { noKey } from "./missing-key";
import { requireReadFolder } from "./openclaw-folder";
import { type AcceptAccess, reviewAccess } from "./review-access";
import { describeSettingsFile } from "./settings-place";

export interface UpOptions extends PrepareOptions, Omit<DeployOptions, "key"> {
  /** The key given to this run. */
  readonly given: string | undefined;
  /** Asks a person for a line: "" for Enter alone. @default nobody is there */
  readonly askLine?: (question: string) => Promise<string>;
  readonly acceptAccess: AcceptAccess;
  /** Whether to move the states to the backend that the settings name now. */
  readonly migrateState?: boolean;
}

/** Runs a whole deploy: installs what the host lacks, applies both stacks, and runs the check. */
export async function runUp(options: UpOptions) {
  const { deployment, given, askLine, say } = options;
  requireLastSettings(deployment);
  requireSameImage(deployment);
  requireReadFolder(deployment);
  const isSandbox = deployment.instance === sandboxInstance;
  if (isSandbox) say(sandboxNotice(given !== undefined));
  const key = isSandbox ? sandboxKey(deployment.home) : given;
  if (!key) requireEarlierKey(options);
  const server = isSandbox ? await serveSandbox(deployment) : undefined;
  try {
    const context = await prepare(options);
    const warnings = [
      ...context.host.warnings,
      ...(await requireVaultContainer(context)),
      ...plainHttp(deployment),
    ];
    for (const line of describeReplaced(deployment.replacedModels)) say(line);
    for (const line of describeListening(deployment)) say(line);
    for (const line of describeSettingsFile(deployment)) say(line);
    await keepInstalled(options, isSandbox);
    if (given && askLine && !isSandbox)
      await remindOfLimit({ ...options, key: given, waitForEnter: askLine });
    // Warnings come last: a new user first reads what was done.
    const { migrated, changed, check } = await applyAll(context, options, key).finally(() => {
      for (const warning of warnings) say(`${hanging("! ", warning).join("\n")}\n`);
    });
    const accepted =
      askLine && !isSandbox ? await offerToAccept({ deployment, check, askReason: askLine, say }) : [];
    return {
      outcome: check.outcome === "fail" ? ExitCode.Failed : ExitCode.Ok,
      /** As `--json` prints it. */
      report: {
        version: 1 as const,
        instance: deployment.instance,
        home: deployment.home.root,
        /** Whether Terraform changed anything. */
        changed,
        /** The states that `state move` moved, with their old and new places. */
        ...(migrated ? { migrated } : {}),
        warnings,
        check,
      },
      /** The last message. */
      summary: summarise(deployment.instance, changed, check, accepted),
    };
  } finally {
    await server?.close();
  }
}

async function applyAll(context: DeployContext, options: UpOptions, key: string | undefined) {
  const migrated = await migrate(context, options);
  await requireStates(context);
  await requireData(context);
  const { changed, check } = await deployAndCheck(context, { ...options, key });
  // The check that a restore waited for: an undo later would remove what came since.
  if (check.outcome !== "fail" && replacingRecord.read(context.deployment.home)?.command === "restore")
    await forgetData(context);
  await reviewAccess(context, options.acceptAccess);
  return { migrated, changed, check };
}

async function migrate(context: DeployContext, { migrateState }: UpOptions): Promise<Migration | undefined> {
  if (!migrateState) return undefined;
  return context.phase(
    "Terraform's state",
    (progress) => migrateStates(context, progress),
    (migration) => (migration ? `moved to ${migration.to}` : "where the settings keep it"),
  );
}

/**
 * Installs the copy that schedules, Terraform's steps and printed commands name, and renews this instance's schedules to run
 * it. If it fails, they all name the running program: a line reports this, and the deploy continues.
 */
async function keepInstalled({ deployment, say }: UpOptions, isSandbox: boolean): Promise<void> {
  try {
    if (!isSandbox) {
      const { changed, folder, linkProblem } = await installProgram();
      if (changed) say(`Installed in ${folder}. Its commands: openclaw-openrouter help`);
      if (changed && linkProblem) say(`! No link to the program on the PATH: ${linkProblem}.`);
    }
  } catch (error) {
    say(`! ${error instanceof UserError ? error.message : reasonOf(error)}`);
  }
  const { instance, home } = deployment;
  renewSchedules({ instance, home: home.root, vault: reachOf(deployment) });
}

/** A choice of the settings or of an external Vault's owner: `up` and `status` say it, and no check warns of it. */
function plainHttp({ listener, address, external }: Deployment): string[] {
  if (!listener) return [];
  const wayOut = external ? "its owner can have it serve TLS" : "remove `vault.tls: false` from the settings";
  return [`${address} is plain HTTP: only its listener's user identifies it as Vault; ${wayOut}.`];
}

function sandboxNotice(isKeyGiven: boolean): string {
  const why = isKeyGiven
    ? "The instance `sandbox` does not use the given key: its OpenRouter is a\nlocal one."
    : "No key was given, so this is the instance `sandbox`, with a local OpenRouter.";
  return `${why}\nEverything else is real. Nothing of yours is touched.\n`;
}

/** An external Vault can already have the key, which can be read only when it is open. */
function requireEarlierKey({ deployment }: UpOptions): void {
  if (deployment.external || readKeyRecord(deployment.home).version !== 0) return;
  throw noKey(deployment.instance);
}

function summarise(
  instance: string,
  changed: boolean,
  check: CheckReport,
  accepted: readonly string[],
): string {
  const deployed = changed ? `Instance ${instance} is deployed` : `Instance ${instance}: nothing changed`;
  const lines =
    check.outcome === "fail"
      ? [`${deployed}, but the check failed (see above).`]
      : [`${deployed}; the check passed.`];
  if (instance === sandboxInstance && check.outcome !== "fail")
    lines.push(`With a key of your own: openclaw-openrouter up --instance ${defaultInstance}`);
  return [...lines, ...leftToDo(check, accepted)].join("\n");
}

/** The problems that the check found, each with the first line of its fix; without those that a person accepted. */
function leftToDo({ results }: CheckReport, accepted: readonly string[]): string[] {
  const left = results
    .filter(({ id }) => !accepted.includes(id))
    .flatMap(({ id, fix }) => (fix ? [`  ${wrap(`${id}: ${fix.split("\n")[0]}`, 76).join("\n    ")}`] : []));
  return left.length > 0 ? ["Left to do:", ...left] : [];
}

/** @throws UserError if the settings name another image than the deployed one, or an unfinished upgrade's previous one: only an upgrade can roll a new image back */
export function requireSameImage({ home, settings, external }: Deployment): void {
  const going = replacingRecord.read(home);
  if (going?.imageBefore?.wanted === settings.vault.image)
    throw new UserError({
      problem:
        "`vault upgrade` is not finished: the new Vault can have changed the data, and the old one may be unable to read them.",
      got: `${settings.vault.image}, the previous image, in the settings`,
      fix: "openclaw-openrouter vault upgrade\nwhich ends it: with the old data, if the settings name the old image.",
    });
  const deployed = imageDeployed(home);
  const { image } = settings.vault;
  if (external || deployed === undefined || deployed === image) return;
  throw new UserError({
    problem: "The settings name another image of Vault than the one that is deployed.",
    got: image,
    expected: deployed,
    fix: "openclaw-openrouter vault upgrade\nwhich backs Vault up first, and restores the old image and data if the new image fails.",
  });
}

/** The last deployed image, as the settings named it; undefined if there is none. */
export function imageDeployed(home: Deployment["home"]): string | undefined {
  const vault = deployedRecord.read(home)?.settings?.vault as { image?: unknown } | undefined;
  return typeof vault?.image === "string" ? vault.image : undefined;
}
