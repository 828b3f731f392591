import { z } from "zod";
import { reasonOf, UserError } from "../core/errors";
import { type Account, accountOf } from "../core/os-user";
import { runUsersProgram } from "../host/users-program";
import type { VaultPlace } from "../model/deployment";
import { keyPathFor, keyPathVariable, secretProviderName, secretReferenceId } from "../model/openclaw";
import { openclawNames, openclawPaths } from "../model/openclaw-paths";
import type { InstallParameters } from "../model/run-parameters";
import { UsersFolder } from "./folder/users-folder";

/** What the gateway gets if it asks for the key: the key, or the reason why there is none. */
export type ResolverAnswer = { readonly key: string } | { readonly problem: string };

const answer = z.object({
  protocolVersion: z.literal(1),
  values: z.record(z.string(), z.string()),
  errors: z.record(z.string(), z.object({ code: z.string(), message: z.string() })).optional(),
});

/** The gateway's own time limit, in milliseconds. See `renderFragment`. */
const timeout = 15_000;

/**
 * Asks the installed resolver for the key, as the gateway does: same user, working folder, environment and protocol.
 * @param place the Vault of the fragment
 */
export async function askResolver(
  { folder, user }: Pick<InstallParameters, "folder" | "user">,
  place: VaultPlace,
): Promise<ResolverAnswer> {
  const { address, caFile, namespace } = place;
  const keyPath = keyPathFor(place);
  const paths = openclawPaths(folder);
  const account = accountOf(user);
  const problem = problemOf(folder, account);
  if (problem !== undefined) return { problem };
  const { exitCode, stdout, stderr, failure } = await runUsersProgram(paths.resolver, {
    account,
    env: {
      OPENCLAW_CLI: "1",
      VAULT_ADDR: address,
      ...(caFile === undefined ? {} : { VAULT_CACERT: paths.vaultCa }),
      ...(namespace === undefined ? {} : { VAULT_NAMESPACE: namespace }),
      ...(keyPath === undefined ? {} : { [keyPathVariable]: keyPath }),
    },
    cwd: paths.own,
    input: JSON.stringify({ protocolVersion: 1, provider: secretProviderName, ids: [secretReferenceId] }),
    timeout,
  });
  if (exitCode !== 0)
    return {
      problem: failure ?? `it ended with exit code ${exitCode}: ${stderr.split("\n").at(-1)?.slice(0, 300)}`,
    };
  const parsed = answer.safeParse(parse(stdout));
  if (!parsed.success) return { problem: "its answer does not follow the protocol" };
  const { values, errors } = parsed.data;
  const key = values[secretReferenceId];
  return key === undefined
    ? { problem: errors?.[secretReferenceId]?.message ?? "it returned no value" }
    : { key };
}

/** The reason why the gateway would not run the resolver: it accepts only a plain file of its own user. */
function problemOf(path: string, account: Account): string | undefined {
  try {
    const isThere = UsersFolder.with(path, account, (folder) =>
      folder?.folder(openclawNames.own)?.read(openclawNames.resolver),
    );
    return isThere ? undefined : "it is missing";
  } catch (error) {
    if (error instanceof UserError) return reasonOf(error);
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
