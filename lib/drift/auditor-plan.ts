import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../core/progress";
import { type StackName, stackNames } from "../model/home-paths";
import { vaultLogin } from "../model/vault/vault-login";
import { type Declaration, isDeclared, synthesize } from "../session/declare";
import type { PlanChanges, ResourceChange } from "../terraform/changes";
import { joinStacks } from "../terraform/fast/joined-stacks";
import { mayShorten } from "../terraform/fast/shortcuts";
import { lockFile } from "../terraform/installed-providers";
import {
  isInitialized,
  keptLock,
  placeInHome,
  type TerraformContext,
  type TerraformPlace,
  terraformFor,
} from "../terraform/terraform-stack";

/** The result of a plan without changes. */
const unchanged: PlanChanges = { drift: [], changes: [], declared: new Map() };

/**
 * Plans the stacks of an instance as the auditor, which can change nothing in Vault. It works in a separate folder, on a
 * copy of the declaration with an override file that names the auditor's credentials instead of the deployer's. It reads
 * the state in place, without its lock, and writes only to that folder.
 */
export class AuditorPlan {
  private copied: Promise<void> | undefined;

  /** @param folder an empty folder that only this user can read; the caller removes it afterwards */
  constructor(
    private readonly context: TerraformContext,
    private readonly declaration: Declaration,
    private readonly folder: string,
    private readonly progress: Progress,
  ) {}

  /** @throws UserError if the stack cannot be planned */
  async compare(stack: StackName): Promise<PlanChanges> {
    const terraform = await this.terraform(stack);
    if (!(await terraform.compare(this.progress))) return unchanged;
    return terraform.showChanges();
  }

  /**
   * Plans both stacks in one run of Terraform, which is faster than two.
   * @returns undefined unless both stacks are deployed as declared, with their states on this host, and shortcuts hold
   * @throws Error if they cannot be planned together; planning each one separately succeeds or gives the reason
   */
  async compareBoth(): Promise<Readonly<Record<StackName, PlanChanges>> | undefined> {
    const { home, settings } = this.context.deployment;
    if (!mayShorten(this.context.host.program)) return undefined;
    if (settings.terraform.backend.type !== "local" || !isDeclared(home, this.declaration)) return undefined;
    const stacks = stackNames.map((name) => {
      return { name, ...placeInHome(this.context, name), stateFile: home.state(name) };
    });
    if (!stacks.every((stack) => isInitialized(this.context, stack, stack.folder))) return undefined;
    const folder = join(this.folder, "both");
    const { dataFolder, addresses } = joinStacks(stacks, folder);
    override(folder, this.context);
    const planFile = join(this.folder, "both.plan");
    const terraform = terraformFor(this.context, "openrouter", undefined, { folder, dataFolder, planFile });
    if (!(await terraform.compare(this.progress))) return { vault: unchanged, openrouter: unchanged };
    const changes = await terraform.showChanges();
    const isOfVault = ({ address }: ResourceChange) => addresses.get("vault")?.has(address) === true;
    return {
      vault: only(changes, isOfVault),
      openrouter: only(changes, (change) => !isOfVault(change)),
    };
  }

  /** The state of a stack, from any backend. @throws UserError if the backend cannot be read */
  async readState(stack: StackName): Promise<unknown> {
    return (await this.terraform(stack)).readState();
  }

  private async terraform(stack: StackName) {
    this.copied ??= this.copy();
    await this.copied;
    const home = placeInHome(this.context, stack);
    const place: TerraformPlace = {
      folder: join(this.folder, "stacks", stack),
      dataFolder: home.dataFolder,
      planFile: join(this.folder, `${stack}.plan`),
    };
    if (stack === "openrouter") override(place.folder, this.context);
    const lock = [join(home.folder, lockFile), keptLock(this.context, stack)].find(existsSync);
    if (lock) copyFileSync(lock, join(place.folder, lockFile));
    if (lock && isInitialized(this.context, home, place.folder))
      return terraformFor(this.context, stack, undefined, place);
    // The backend or a provider changed since the last deploy: initialize here, not in the instance directory.
    const fresh = terraformFor(this.context, stack, undefined, {
      ...place,
      dataFolder: join(this.folder, "data", stack),
    });
    await fresh.init(this.progress);
    return fresh;
  }

  private async copy(): Promise<void> {
    const { home } = this.context.deployment;
    if (!isDeclared(home, this.declaration)) return synthesize(this.declaration, this.folder);
    for (const stack of stackNames) {
      const to = join(this.folder, "stacks", stack);
      mkdirSync(to, { recursive: true });
      copyFileSync(join(home.cdktfOut, "stacks", stack, "cdk.tf.json"), join(to, "cdk.tf.json"));
    }
  }
}

/** Writes an override file: Terraform merges a file of this name into the declaration, block by block. */
function override(folder: string, { deployment }: TerraformContext): void {
  const login = vaultLogin(deployment.home, "auditor");
  writeFileSync(
    join(folder, "auditor_override.tf.json"),
    JSON.stringify({ provider: { vault: [{ auth_login: [login] }] } }),
  );
}

function only(found: PlanChanges, isWanted: (change: ResourceChange) => boolean): PlanChanges {
  return { ...found, drift: found.drift.filter(isWanted), changes: found.changes.filter(isWanted) };
}
