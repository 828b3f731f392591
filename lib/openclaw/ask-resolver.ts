import { dirname } from "node:path";
import { z } from "zod";
import { accountOf } from "../host/account";
import { run } from "../host/process";
import type { VaultPlace } from "../model/deployment";
import { secretProviderName, secretReferenceId } from "../model/openclaw";
import { openclawPaths } from "../model/openclaw-paths";
import type { InstallParameters } from "../model/run-parameters";

/** What the gateway gets where it asks for the key: the key, or why there is none. */
export type ResolverAnswer = { readonly key: string } | { readonly problem: string };

const answer = z.object({
  protocolVersion: z.literal(1),
  values: z.record(z.string(), z.string()),
  errors: z.record(z.string(), z.object({ code: z.string(), message: z.string() })).optional(),
});

/** The gateway's own patience. See `renderFragment`. */
const timeout = 15_000;

/**
 * Asks the placed resolver for the key, as the gateway does: the same user, working folder, environment and protocol.
 * @param place where the fragment says that Vault is
 */
export async function askResolver(
  { folder, user }: Pick<InstallParameters, "folder" | "user">,
  { address, caFile }: VaultPlace,
): Promise<ResolverAnswer> {
  const paths = openclawPaths(folder);
  const account = accountOf(user);
  const { exitCode, stdout, stderr, failure } = await run(paths.resolver, [], {
    env: {
      OPENCLAW_CLI: "1",
      VAULT_ADDR: address,
      ...(caFile === undefined ? {} : { VAULT_CACERT: paths.vaultCa }),
    },
    cwd: dirname(paths.resolver),
    input: JSON.stringify({ protocolVersion: 1, provider: secretProviderName, ids: [secretReferenceId] }),
    timeout,
    ...(process.geteuid?.() === 0 ? { user: account } : {}),
  });
  if (exitCode !== 0)
    return { problem: failure ?? `it ended with ${exitCode}: ${stderr.split("\n").at(-1)}` };
  const parsed = answer.safeParse(parse(stdout));
  if (!parsed.success) return { problem: "its answer is not of the protocol" };
  const { values, errors } = parsed.data;
  const key = values[secretReferenceId];
  return key === undefined
    ? { problem: errors?.[secretReferenceId]?.message ?? "it gave no value" }
    : { key };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
