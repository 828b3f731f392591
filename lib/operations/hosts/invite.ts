import { readFileSync } from "node:fs";
import { defined } from "../../core/defined";
import { UserError, wrongUsage } from "../../core/errors";
import { addressForHosts, type Deployment } from "../../model/deployment";
import { type HostNames, hostNames, inviteAgainFrom } from "../../model/hosts";
import { type Invitation, renderInvitation } from "../../model/invitation";
import { namesAt } from "../../model/vault/vault-names";
import type { EngineContext } from "../../session/context";
import type { AskAdminToken } from "../../session/external-vault";
import { requireDeployedServers } from "../../session/requirements";
import { type HostEntry, isKeyOfHost, readHosts, saveHost } from "../../store/records/hosts-record";
import { writeHost } from "../../vault/hosts/write-host";
import { invitingCapabilities } from "../../vault/identities/capabilities";
import { findSecret } from "../../vault/secret-store";
import { accountOf } from "../key/account";
import { cleanUp } from "../key/clean-up";
import { asAdmin } from "./as-admin";
import { takeAccessAway } from "./evict";
import { type KeySource, replaceHostKey, resumeNewKey } from "./host-key";
import { requireSourceSeen } from "./source-address";

export interface InviteOptions extends KeySource {
  readonly name: string;
  /** How long the invitation can be used, in seconds. */
  readonly ttl: number;
  /** The addresses that the host is bound to, in CIDR notation. Empty: any. */
  readonly addresses: readonly string[];
  /** Whether a host of that name gets a new credential. Its present one ends. */
  readonly again: boolean;
  /** The seconds between disabling and deleting a key that is replaced. */
  readonly graceSeconds: number;
  readonly askAdminToken: AskAdminToken;
}

/**
 * Invites an OpenClaw host: writes its policy, role, entity and key into Vault, and wraps its secret id. If it is interrupted,
 * the same command resumes, and `host evict` takes back what was written.
 * @throws UserError if the name is taken, Vault serves no TLS, or no key is given
 */
export async function inviteHost(context: EngineContext, options: InviteOptions) {
  const { deployment, phase, signal } = context;
  const { name, ttl, addresses, given, limitEur, graceSeconds, askAdminToken } = options;
  const { home } = deployment;
  requireDeployedServers(deployment);
  requireInvitable(deployment, options);
  const instance = namesAt(deployment);
  const names = hostNames(instance, name);
  const { hosts } = readHosts(home);
  const known = hosts.find((each) => each.name === name);
  const why = `invite the host ${name}`;
  const account = await accountOf(context, options.managementKey);
  const needs = invitingCapabilities(names, known !== undefined);
  const invited = await asAdmin(context, { why, askAdminToken, needs }, async (admin) => {
    const { listen } = deployment.settings.vault;
    if (addresses.length > 0 && !deployment.external && listen !== undefined)
      await phase("Source address", () =>
        requireSourceSeen(admin, deployment, listen, addressForHosts(deployment)),
      );
    const vault = admin.forKey(names.keyPath);
    const secret = await findSecret(vault);
    const stored = secret?.key;
    // An eviction leaves the secret, which the new key replaces. Another instance can have taken its path since.
    if (secret && !known && !isKeyOfHost(home, names.role, stored))
      throw new UserError({
        problem: `There is a secret at ${names.keyPath} that no invitation of this instance stored. Nothing was changed.`,
        expected: "no secret there: each host has a key of its own",
        fix: `Choose another name, or remove it if nobody uses it: vault kv metadata delete ${names.keyPath}`,
      });
    const run = { deployment, signal, vault, graceSeconds, ...defined({ account }) };
    const begun = { ...(known && (await resumeNewKey(run, known))), ...fieldsOf(options, names) };
    const isKept = begun.key !== undefined && given === undefined && limitEur === undefined;
    if (isKept && stored === undefined) throw keyMissing(name);
    const keyed = await phase("Key", async () =>
      isKept ? begun : replaceHostKey(run, begun, defined({ given, limitEur })),
    );
    saveHost(home, keyed);
    const written = await phase("Role, policy and entity", async () => {
      // Its role would come back by the restore of an older backup, with the credential that ends now.
      if (known) await takeAccessAway(deployment, known, admin);
      return writeHost(admin, { names, addresses, ttl, isOwn: !deployment.external });
    });
    const { roleId, entityId, accessor, ends } = written;
    const host: HostEntry = { ...keyed, roleId, entityId, accessor, ends };
    saveHost(home, host);
    const { role, keyPath } = names;
    const invitation: Invitation = {
      ...{ name, prefix: instance.prefix, role, roleId, keyPath, token: written.token, ends },
      address: addressForHosts(deployment),
      baseUrl: deployment.baseUrl,
      ...defined({ otherAddresses: deployment.otherAddresses, namespace: deployment.namespace }),
      ...(deployment.caFile ? { ca: readFileSync(deployment.caFile, "utf8") } : {}),
    };
    // The invitation is a secret: whoever has it first can join.
    return { invitation: renderInvitation(invitation), host };
  });
  return { ...invited, pendingCleanups: await cleanUp(context, account) };
}

function fieldsOf({ name, addresses }: InviteOptions, names: HostNames) {
  return { name, ...names, addresses: [...addresses], invited: new Date().toISOString() };
}

function requireInvitable(deployment: Deployment, options: InviteOptions): void {
  const { name, again, addresses, given, managementKey } = options;
  const { home, address, external, settings } = deployment;
  const known = readHosts(home).hosts.find((each) => each.name === name);
  // Without a role's id, an earlier invitation was interrupted, and this one resumes it.
  if (known?.roleId !== undefined && !again) {
    throw new UserError({
      problem: `There is a host ${name} already, invited ${known.invited.slice(0, 10)}. Nothing was changed.`,
      fix: `For a new credential, which ends its present one: ${inviteAgainFrom(known)}\nTo take its access away: openclaw-openrouter host evict ${name}`,
    });
  }
  if (known?.key === undefined && given === undefined && managementKey === undefined) throw keyMissing(name);
  if (!address.startsWith("https:"))
    throw new UserError({
      problem:
        "A host can join only a Vault that serves TLS: its certificate shows the host that it is this Vault.",
      got: address,
      expected: "an address with https",
      fix: external
        ? "Let its owner serve TLS, then set `vault.address` and `vault.caFile`."
        : "Remove `vault.tls: false` from the settings, then: openclaw-openrouter up",
    });
  if (addresses.length > 0 && !external && settings.vault.listen === undefined)
    throw wrongUsage({
      problem: `Vault is published on 127.0.0.1, where it sees every caller as the engine's gateway: --address cannot tell hosts apart.`,
      got: `--address ${addresses.join(" --address ")}`,
      expected: "--any-address, unless `vault.listen` names an address at which other hosts reach this Vault",
      fix: `openclaw-openrouter host invite ${name} --any-address`,
    });
}

function keyMissing(name: string): UserError {
  return wrongUsage({
    problem: `The host ${name} needs a key of its own.`,
    got: "neither a key nor a management key",
    expected: "OPENROUTER_MANAGEMENT_KEY, which makes one with a limit, or --key-file FILE, or --key-stdin",
    fix: "Give one of them, and run this again.",
  });
}
