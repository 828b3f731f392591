import { applyStacks } from "../../session/apply-stacks";
import type { DeployContext } from "../../session/context";
import { deployAndCheck } from "../deploy/deploy-and-check";

/**
 * Deploys and checks after Vault's data were replaced.
 * @param key the key to store instead of the one in the data. @default the key in the data stays
 */
export function deployAgain(context: DeployContext, say: (line: string) => void, key?: string) {
  return deployAndCheck(context, {
    key,
    replaceWorkingKey: async () => true,
    acceptListener: () => Promise.resolve(false),
    askAdminToken: () => Promise.reject(new Error("a Vault of the instance's own has no admin")),
    apply: applyStacks,
    say,
  });
}
