import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { backendConfig, type StateBackend } from "../config/backend";
import { writeJson } from "../core/files/files";
import { sha256 } from "../core/fingerprint";
import { once } from "../core/once";
import { silent } from "../core/progress";
import type { StackName } from "../model/home-paths";
import { judgeState } from "./judge-state";
import { type TerraformContext, type TerraformPlace, terraformFor } from "./terraform-stack";

/** The state of one stack in a backend: the declared one or a previous one. */
export interface StateStore {
  /**
   * Undefined if there is none.
   * @throws UserError if the backend cannot be read, or the state contains what no stack declares
   */
  read(): Promise<unknown>;
  /**
   * Terraform writes it under the backend's lock, and only if there is none or an older one of the same lineage.
   * @throws UserError if there is another one
   */
  write(state: unknown): Promise<void>;
}

/**
 * The state of a stack in a backend. It needs no stack and no provider: its folder contains only the backend's configuration.
 */
export function stateStore(context: TerraformContext, stack: StackName, backend: StateBackend): StateStore {
  const { home } = context.deployment;
  const isLocal = backend.type === "local";
  const config = isLocal ? { path: home.state(stack) } : backendConfig(backend, stack);
  // A move has both places open, which can be two of one kind.
  const name = `${backend.type}-${sha256(JSON.stringify(config)).slice(0, 12)}`;
  const folder = join(home.terraform, "backends", context.host.program.kind, name, stack);
  const place: TerraformPlace = {
    folder,
    dataFolder: join(folder, ".terraform"),
    planFile: join(folder, "plan"),
  };
  const open = once(async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeJson(join(folder, "backend.tf.json"), { terraform: { backend: { [backend.type]: config } } });
    const terraform = terraformFor(context, stack, undefined, place, backend);
    await terraform.init(silent);
    return terraform;
  });
  return {
    read: async () => {
      // Reads the file itself, without Terraform.
      const terraform = isLocal ? terraformFor(context, stack, undefined, undefined, backend) : await open();
      const state = await terraform.readState();
      judgeState(state, `The state of the stack ${stack}`);
      return state;
    },
    write: async (state) => (await open()).pushState(JSON.stringify(state)),
  };
}
