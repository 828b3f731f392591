import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { backendConfig, type StateBackend } from "../config/state-backend";
import { writeJson } from "../core/files/files";
import { once } from "../core/once";
import { silent } from "../core/progress";
import type { StackName } from "../model/home-paths";
import { judgeState } from "./judge-state";
import { type TerraformContext, type TerraformPlace, terraformFor } from "./terraform-stack";

/** The state of one stack, in whichever backend: the declared one, or a previous one. */
export interface StateStore {
  /**
   * Undefined where there is none.
   * @throws UserError where the backend does not give it, or it holds what no stack declares
   */
  read(): Promise<unknown>;
  /**
   * Terraform writes it under the backend's own lock, and only over none, or over an older one of the same lineage.
   * @throws UserError where there is another one
   */
  write(state: unknown): Promise<void>;
}

/** Takes no stack and no provider: a folder that names the backend, and nothing else. */
export function stateStore(context: TerraformContext, stack: StackName, backend: StateBackend): StateStore {
  const { home } = context.deployment;
  const isLocal = backend.type === "local";
  const folder = join(home.terraform, "backends", context.host.program.kind, backend.type, stack);
  const place: TerraformPlace = {
    folder,
    dataFolder: join(folder, ".terraform"),
    planFile: join(folder, "plan"),
  };
  const open = once(async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const config = isLocal ? { path: home.state(stack) } : backendConfig(backend, stack);
    writeJson(join(folder, "backend.tf.json"), { terraform: { backend: { [backend.type]: config } } });
    const terraform = terraformFor(context, stack, undefined, place, backend);
    await terraform.init(silent);
    return terraform;
  });
  return {
    read: async () => {
      // The file itself: no program is needed for it.
      const terraform = isLocal ? terraformFor(context, stack, undefined, undefined, backend) : await open();
      const state = await terraform.readState();
      judgeState(state, `The state of the stack ${stack}`);
      return state;
    },
    write: async (state) => (await open()).pushState(JSON.stringify(state)),
  };
}
