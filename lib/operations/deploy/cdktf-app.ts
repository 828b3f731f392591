import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { missingParts, openBundle } from "../../bundle/bundle";
import { bundleCliConfig, mirrorFolder, providerParts } from "../../bundle/bundle-mirror";
import { presentImage } from "../../bundle/image";
import { UserError } from "../../core/errors";
import { readTextIfThere } from "../../core/files/files";
import { childEnvironment } from "../../core/system/environment";
import { run } from "../../core/system/process";
import { findEngine, runningEngine } from "../../docker/engine";
import { ensureNetwork } from "../../docker/vault-network";
import type { Deployment } from "../../model/deployment";
import { stackNames } from "../../model/home-paths";
import { recordSettingsFile } from "../../session/record-deployment";
import { certificateOwnerOf, renewCertificateIfDue } from "../../session/renew-certificate";
import { requireLastSettings } from "../../session/requirements";
import { ensureHome, readInstance } from "../../store/home";
import { lockVariable } from "../../store/lock";
import { type HostRecord, hostRecord } from "../../store/records/host-record";
import { requireWholeData } from "../../store/records/replacing-record";
import { rotationRecord } from "../../store/records/rotation-record";
import { findTerraform, startIn } from "../../terraform/install";
import { chooseProviders } from "../../terraform/providers";
import { requireOpen } from "../../vault/external-vault";
import { requireKnownSide } from "../../vault/known-listener";
import { sealStatusIfAny } from "../../vault/wait";
import { changingCommand, refuseWeakenedVault, refuseWorkspace } from "./cdktf-environment";
import { destroyRefused, prepareForCli } from "./cdktf-host";
import { withTerraformAddresses } from "./cdktf-lock";
import { describeSettingsFile } from "./settings-place";

/**
 * Does what a bare `cdktf deploy` cannot, before the app is synthesized: reports a sealed Vault as sealed (Terraform reports a
 * 503), and prepares the host. Refuses `cdktf destroy`, and an environment that weakens Terraform's connection to Vault.
 * @param key the key given to the CDKTF CLI
 * @param say prints a line for the person
 * @throws UserError if Vault is sealed or its data incomplete, its listener on plain HTTP is unknown, a rotation was interrupted, or
 * something that the deploy needs is missing
 */
export async function beforeSynth(
  deployment: Deployment,
  key: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  const { home, settings, external } = deployment;
  const command = changingCommand();
  if (command === "destroy") throw destroyRefused(deployment);
  requireWholeData(home);
  refuseWeakenedVault();
  await renewCertificateIfDue(certificateOwnerOf(deployment));
  await makeNetworkAgain(deployment);
  // Terraform's provider logs in right after this, also for a command that only plans. With TLS, it verifies the certificate itself.
  await requireKnownSide(deployment);
  const status = await sealStatusIfAny(deployment);
  if (external && status) requireOpen(deployment, status);
  if (existsSync(home.instance) && status?.initialized && status.sealed) {
    throw new UserError({
      problem: `The Vault of the instance ${deployment.instance} is sealed, as after each restart.`,
      fix: "openclaw-openrouter vault unseal\nthen run this command again.",
    });
  }
  if (rotationRecord.read(home)) {
    throw new UserError({
      problem: `A rotation of the key of the instance ${deployment.instance} was interrupted.`,
      fix: "openclaw-openrouter key rotate\nwhich resumes it; then run this command again.",
    });
  }
  // With the lock, this is the command `deploy`, which has prepared the host.
  if (command === "deploy" && !process.env[lockVariable]) {
    refuseWorkspace();
    requireLastSettings(deployment);
    for (const line of describeSettingsFile(deployment)) say(line);
    await prepareForCli(deployment, key, say);
    // Nothing of this program runs once the deploy has ended.
    return recordSettingsFile(deployment);
  }
  if (hostRecord.read(home)) return;
  ensureHome(home.root);
  hostRecord.write(home, await inspectHost(external ? undefined : settings.vault.image));
}

/** Re-creates a network that was removed while no container used it: the step that creates it does not run again for that. */
async function makeNetworkAgain({ home, network, external }: Deployment): Promise<void> {
  const id = readInstance(home.root)?.id;
  const found = external || id === undefined ? undefined : await findEngine();
  if (id !== undefined && found?.state === "running") await ensureNetwork(found.engine.api, network, id);
}

/**
 * Finds what the host already has. Installs nothing: synth must not take minutes.
 * @param wanted the image of the container; undefined if the instance has no container of its own
 */
async function inspectHost(wanted: string | undefined): Promise<HostRecord> {
  const bundle = openBundle();
  const hasBundle = missingParts(bundle, Object.values(providerParts)).length === 0;
  const search = hasBundle ? await findTerraform() : undefined;
  const providers =
    search && (await chooseProviders({ program: search.program?.kind ?? "tofu", bundleWanted: false }));
  const known = providers ? { providers } : {};
  if (wanted === undefined) return known;
  const engine = await runningEngine();
  const image = engine && (await presentImage(engine.api, wanted));
  return {
    ...known,
    ...(engine ? { engineId: engine.id } : {}),
    ...(engine && !engine.limitsMemory ? { limitsMemory: false as const } : {}),
    ...(image ? { image: { wanted, reference: image.reference } } : {}),
  };
}

/**
 * Prepares the stacks for a host without a registry. With an existing lock file, the CDKTF CLI asks no registry for one.
 * Terraform finds the bundle's providers in `terraform.d/plugins` of the folder it runs in.
 * @param outdir the folder of the synthesized app
 */
export async function afterSynth(deployment: Deployment, outdir: string): Promise<void> {
  forgetOtherInstance(deployment, outdir);
  const kind = hostRecord.read(deployment.home)?.providers?.kind;
  if (kind !== "bundle" && kind !== "mirror") return;
  const bundleConfig = kind === "bundle" ? await bundleCliConfig(openBundle()) : undefined;
  for (const stack of stackNames) {
    const folder = resolve(outdir, "stacks", stack);
    if (bundleConfig) linkPlugins(folder, mirrorFolder(bundleConfig));
    const lockFile = join(folder, ".terraform.lock.hcl");
    if (!existsSync(lockFile)) await lock(folder, bundleConfig);
    const written = readTextIfThere(lockFile);
    const wanted = written && withTerraformAddresses(written);
    if (wanted && wanted !== written) writeFileSync(lockFile, wanted);
  }
}

function linkPlugins(folder: string, mirror: string): void {
  const link = join(folder, "terraform.d", "plugins");
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(mirror, link);
}

/**
 * Removes what Terraform keeps in `cdktf.out` of another instance, above all its backend: one `cdktf.out` holds one instance,
 * and the states are stored elsewhere. If the same instance has another backend, Terraform asks for a migration.
 */
function forgetOtherInstance({ home }: Deployment, outdir: string): void {
  const stamp = resolve(outdir, "instance");
  if (readTextIfThere(stamp) === home.root) return;
  for (const stack of stackNames) {
    for (const name of [".terraform", ".terraform.lock.hcl"]) {
      rmSync(resolve(outdir, "stacks", stack, name), { recursive: true, force: true });
    }
  }
  writeFileSync(stamp, home.root);
}

/** Runs Terraform in a separate folder to write the lock file, so that data of another provider source stays out. */
async function lock(folder: string, cliConfigFile: string | undefined): Promise<void> {
  const { program } = await findTerraform();
  if (!program) return;
  const draft = join(folder, "terraform.d", "lock");
  mkdirSync(draft, { recursive: true });
  try {
    copyFileSync(join(folder, "cdk.tf.json"), join(draft, "cdk.tf.json"));
    const { cwd, first, chosen } = startIn(program, draft);
    const result = await run(
      program.path,
      [...first, "init", "-backend=false", "-input=false", "-no-color"],
      {
        cwd,
        env: childEnvironment({ ...chosen, TF_CLI_CONFIG_FILE: cliConfigFile }, process.env, {
          secrets: true,
        }),
      },
    );
    if (result.exitCode !== 0) return;
    const made = join(draft, ".terraform.lock.hcl");
    // A stack without providers has no lock file. With an empty one, the CLI asks no registry.
    if (existsSync(made)) copyFileSync(made, join(folder, ".terraform.lock.hcl"));
    else writeFileSync(join(folder, ".terraform.lock.hcl"), "");
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
