import { matches } from "../../drift/root-cause";
import { unreportedVersions } from "../../drift/stored-secret";
import type { Deployment } from "../../model/deployment";
import { identities } from "../../model/identities";
import { operatorPolicyName } from "../../model/policies";
import { openVault } from "../../session/open-vault";
import { VaultClient } from "../../vault/client";
import { isActive, makeRootToken, revokeRootTokens, revokeSelf } from "../../vault/identities/root";
import { logIn } from "../../vault/log-in";
import { writeOperatorPolicy } from "../../vault/operator";
import { forgetRootToken, readShares } from "../../vault/shares/shares-file";
import { recover } from "../recover";
import type { Repair } from "./repair";

export const open: Repair = {
  name: "open",
  fixes: ["network.gone", "container.stopped", "container.paused", "vault.sealed", "docker.exec.*"],
  first: true,
  describe(findings) {
    const has = (pattern: string) => findings.some(({ id }) => matches(pattern, id));
    return [
      ...(has("container.paused") ? ["unpause the container"] : []),
      ...(has("network.gone") ? ["re-create its network"] : []),
      ...(has("container.stopped") || has("network.gone") ? ["start the container"] : []),
      "unseal Vault if it is sealed",
      ...(has("docker.exec.*") ? ["restore the files of the setup guide's command"] : []),
    ].join(", ");
  },
  async run(_, context, progress) {
    await openVault(context, progress, { writeTokenHelper: true });
  },
};

/** Rewrites what only a root token can write. */
export const identify: Repair = {
  name: "recover",
  fixes: [
    ...Object.values(identities).flatMap(({ role }) => [`vault.policy:${role}`, `vault.role:${role}*`]),
    "vault.secret-ids:*",
    "vault.audit",
    "vault.audit:*",
    "vault.mount:secret:*",
    "vault.mount:approle*",
    "vault.audited-header:*",
    "vault.cors",
    "credentials.*",
  ],
  // Recovery would create an empty mount, which blocks the return of the previous one.
  blockedBy: ["vault.mount:secret"],
  first: true,
  describe: () =>
    "rewrite policies, roles, credentials, audit device and tuning, with a temporary root token made from the shares (recover)",
  async run(_, context) {
    await recover(context);
  },
};

export const resetOperators: Repair = {
  name: "reset-operators",
  fixes: [`vault.policy:${operatorPolicyName}`],
  first: true,
  describe: () => `rewrite the policy ${operatorPolicyName}`,
  async run(_, { deployment }) {
    await asRoot(deployment, writeOperatorPolicy);
  },
};

/** Resets how the secret treats its versions. */
export const resetMetadata: Repair = {
  name: "reset-metadata",
  fixes: ["secret.metadata:*"],
  first: true,
  describe: (findings) => `reset on secret/openrouter: ${findings.map(({ field }) => field).join(", ")}`,
  async run(_, { deployment }) {
    const deployer = await logIn(VaultClient.at(deployment), deployment.home, "deployer");
    const body = { ...unreportedVersions, custom_metadata: {} };
    await deployer?.write("secret/metadata/openrouter", body);
  },
};

/** Resets how the whole mount treats versions, which needs a root token. */
export const resetKv: Repair = {
  name: "reset-kv",
  fixes: ["vault.kv:*"],
  first: true,
  describe: (findings) => `reset on the mount secret/: ${findings.map(({ field }) => field).join(", ")}`,
  async run(_, { deployment }) {
    await asRoot(deployment, async (root) => {
      await root.write("secret/config", unreportedVersions);
    });
  },
};

export const revokeRoots: Repair = {
  name: "revoke-root-tokens",
  fixes: ["vault.root-token:*"],
  first: false,
  describe: (findings) =>
    `revoke ${findings.length === 1 ? "the root token" : `${findings.length} root tokens`}`,
  async run(_, { deployment }) {
    await asRoot(deployment, revokeRootTokens);
  },
};

/** Runs work with a temporary root token made from the shares on this host, and revokes the token afterwards. */
async function asRoot(
  { home, ...place }: Deployment,
  work: (root: VaultClient) => Promise<void>,
): Promise<void> {
  const shares = readShares(home.shares);
  if (!shares) return;
  const vault = VaultClient.at(place);
  const token = await makeRootToken(vault, home, shares);
  const root = vault.withToken(token);
  try {
    await work(root);
  } finally {
    if (await isActive(vault.withToken(token))) await revokeSelf(root);
    forgetRootToken(home);
  }
}
