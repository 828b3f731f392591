import { applyStacks } from "../../session/apply-stacks";
import type { DeployContext } from "../../session/context";
import { deployAndCheck } from "../deploy/deploy-and-check";

/**
 * Deploys and checks what is declared, over data that were put into Vault.
 * @param key to be stored instead of the one that is in them. @default that one stays
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
