import { defined } from "../../core/defined";
import { UserError } from "../../core/errors";
import { sha256 } from "../../core/fingerprint";
import { fingerprintOfDigest } from "../../model/openrouter-key";
import type { EngineContext } from "../../session/context";
import type { AskAdminToken } from "../../session/external-vault";
import { requireDeployedServers } from "../../session/requirements";
import { hostKeyCapabilities } from "../../vault/identities/capabilities";
import { accountOf } from "../key/account";
import { cleanUp } from "../key/clean-up";
import { asAdmin } from "./as-admin";
import { requireHost } from "./evict";
import { type KeySource, replaceHostKey, resumeNewKey } from "./host-key";

interface RotateHostOptions extends KeySource {
  readonly name: string;
  /** The seconds between disabling and deleting the old key. */
  readonly graceSeconds: number;
  readonly askAdminToken: AskAdminToken;
}

/**
 * Replaces a host's key in Vault: the host itself reads it at its next login. Tests the new key before it is stored. Resumes an
 * interrupted run first: if the given key is the host's then, nothing more is changed.
 * @throws UserError if there is no such host, or the new key does not work
 */
export async function rotateHost(context: EngineContext, options: RotateHostOptions) {
  const { deployment, phase, signal } = context;
  const { name, managementKey, askAdminToken, graceSeconds, ...source } = options;
  requireDeployedServers(deployment);
  const known = requireHost(deployment, name);
  if (known.roleId === undefined)
    throw new UserError({
      problem: `The invitation of the host ${name} was interrupted: it has no role in Vault yet.`,
      fix: `openclaw-openrouter host invite ${name}, as before.`,
    });
  const account = await accountOf(context, managementKey);
  const host = await asAdmin(
    context,
    { why: `replace the key of the host ${name}`, askAdminToken, needs: hostKeyCapabilities(known) },
    (admin) =>
      phase("Key", async () => {
        const vault = admin.forKey(known.keyPath);
        const run = { deployment, signal, vault, graceSeconds, tries: true, ...defined({ account }) };
        const resumed = await resumeNewKey(run, known);
        const isDone = known.newKey !== undefined && resumed.key !== known.key;
        const isThis = source.given === undefined || sha256(source.given) === resumed.key?.sha256;
        return isDone && isThis ? resumed : replaceHostKey(run, resumed, source);
      }),
  );
  return {
    host,
    /** The fingerprint of the host's key. */
    key: fingerprintOfDigest(host.key?.sha256 ?? ""),
    pendingCleanups: await cleanUp(context, account),
  };
}
