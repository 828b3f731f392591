import { ifError, UserError } from "../core/errors";
import { homePaths } from "../model/home-paths";
import { keyVersion } from "../model/openrouter-key";
import type { StoreKeyParameters } from "../model/run-parameters";
import { secretApiPath } from "../model/vault/vault-names";
import { VaultClient, VaultFailure } from "./client";
import { logIn } from "./log-in";
import { anything, secretMetadata } from "./schemas";
import { findSecret } from "./secret-store";

/** The number of attempts, since another writer may come in between. */
const attempts = 10;

/**
 * Stores the declared key.
 * @param key the key that was given to Terraform; without one, the stored key must be the declared one
 * @returns whether it was written
 * @throws UserError if another key is declared, or the deployer cannot log in
 */
export async function storeDeclaredKey(
  parameters: StoreKeyParameters,
  key: string | undefined,
): Promise<boolean> {
  const { home, keyVersion: version, keyGeneration } = parameters;
  const vault = VaultClient.at(parameters);
  const deployer = await logIn(vault, homePaths(home), "deployer");
  if (!deployer) {
    throw new UserError({
      problem: `The deployer cannot log in to the Vault at ${vault.address}.`,
      fix: "openclaw-openrouter up",
    });
  }
  const isDeclared = (candidate: string) => keyVersion(candidate, keyGeneration) === version;
  if (key) {
    if (isDeclared(key)) return storeKey(deployer, key);
    throw new UserError({
      problem: "This is not the key for which the stack was synthesized.",
      fix: "Synthesize again with the same TF_VAR_openrouter_api_key.",
    });
  }
  if (isDeclared((await findSecret(deployer))?.key ?? "")) return false;
  throw new UserError({
    problem: "The declared OpenRouter key is not the stored one, and none was given.",
    expected: "the key in TF_VAR_openrouter_api_key",
    fix: "openclaw-openrouter up --key-file FILE",
  });
}

/**
 * Stores the key in the field `api_key` of its secret. All other fields of that secret stay unchanged, even if
 * somebody writes one at the same moment. A key that is already stored is not written again.
 * @param deployer the deployer's client
 * @returns whether it was written
 */
export async function storeKey(deployer: VaultClient, key: string): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    if ((await findSecret(deployer))?.key === key) return false;
    if (await write(deployer, key)) return true;
  }
  throw new UserError({
    problem: `The key could not be stored: somebody else keeps writing to ${deployer.keyPath}.`,
    got: `${attempts} versions were written in between`,
    fix: "Find the writer in Vault's audit log, then run this again.",
  });
}

/** Patches the field if the secret has a version, else creates one. @returns false if another writer came in between */
async function write(deployer: VaultClient, key: string): Promise<boolean> {
  const { keyPath } = deployer;
  const path = secretApiPath("data", keyPath);
  const metadata = await deployer.find({ path: secretApiPath("metadata", keyPath) }, secretMetadata);
  // With the expected version, which a store may require (check-and-set).
  const body = { options: { cas: metadata?.data.current_version ?? 0 }, data: { api_key: key } };
  const put = async () => {
    const patched = metadata && (await deployer.find({ method: "PATCH", path, body }, anything));
    if (patched === undefined) await deployer.write(path, body);
    return true;
  };
  const isCompared = ({ status, message }: VaultFailure) => status === 400 && /check-and-set/.test(message);
  return put().catch(ifError(VaultFailure, () => false, isCompared));
}
