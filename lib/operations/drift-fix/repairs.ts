import { chmodSync, chownSync, readFileSync, statSync } from "node:fs";
import { writePrivateFile } from "../../core/files/files";
import { matches } from "../../drift/root-cause";
import { unreportedVersions } from "../../drift/stored-secret";
import type { Deployment } from "../../model/deployment";
import { stackNames } from "../../model/home-paths";
import { attributesOf } from "../../model/terraform-state";
import { identities } from "../../model/vault/identities";
import { operatorPolicyName } from "../../model/vault/policies";
import { setMemory } from "../../session/apply-stacks";
import { openVault } from "../../session/open-vault";
import { VaultClient } from "../../vault/client";
import { type RootSessionOptions, withRootToken } from "../../vault/identities/root-session";
import { logInTo } from "../../vault/log-in";
import { writeOperatorPolicy } from "../../vault/operator";
import { readShares } from "../../vault/shares/shares-file";
import { recover } from "../recover";
import { appliedContainer, stateOf } from "./applied";
import { changeNetwork, post } from "./container";
import { installFiles, permit } from "./openclaw-files";
import { type Repair, subjects } from "./repair";

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
    "vault.mount:token:*",
    "vault.mount:openclaw",
    "vault.mount:openclaw:*",
    "vault.audited-header:*",
    "vault.cors",
    "vault.web-header:*",
    "credentials.*",
  ],
  // Recovery would create an empty mount, which blocks the return of the previous one.
  blockedBy: ["vault.mount:secret"],
  describe: () =>
    "rewrite policies, roles, credentials, audit device, mounts and tuning, with a temporary root token made from the shares (recover)",
  run: (_, context) => recover(context),
};

/** All repairs, in the order in which they run. */
export const repairs: readonly Repair[] = [
  {
    name: "restore-state",
    fixes: ["state.*"],
    describe: (findings) => `restore from the last deploy: ${subjects(findings)}`,
    async run(findings, { deployment: { home } }) {
      const lost = stackNames.filter((stack) => findings.some(({ id }) => id === `state.${stack}`));
      for (const stack of lost) writePrivateFile(home.state(stack), readFileSync(home.deployedState(stack)));
    },
  },
  {
    name: "retag",
    fixes: ["image.tag", "image.gone"],
    describe: (findings) => `give the deployed image its name back: ${findings[0]?.expected}`,
    async run(_, context) {
      const [image] = attributesOf(await stateOf("vault", context), "docker_image").values();
      const [, repo = "", tag = "latest"] = /^(.*?)(?::([^:/]+))?$/.exec(String(image?.name)) ?? [];
      await post(context, `/images/${image?.image_id}/tag?${new URLSearchParams({ repo, tag })}`);
    },
  },
  {
    name: "rename",
    fixes: ["container.renamed"],
    describe: (findings) => `rename the container ${findings[0]?.actual} to ${findings[0]?.expected}`,
    async run(_, context) {
      const applied = await appliedContainer(context);
      const query = new URLSearchParams({ name: context.deployment.container });
      if (applied) await post(context, `/containers/${applied.id}/rename?${query}`);
    },
  },
  {
    // Terraform does not change the swap limit, and the engine refuses a memory limit above it.
    name: "limit-memory",
    fixes: ["container.memory", "container.memory-swap"],
    describe: (findings) => `restore the container's memory limit: ${findings[0]?.expected}`,
    async run(_, context) {
      const applied = await appliedContainer(context);
      if (applied?.memory) await setMemory(context, applied.memory);
    },
  },
  {
    name: "connect",
    fixes: ["container.network-left"],
    describe: (findings) => `connect the container to its network again: ${findings[0]?.expected}`,
    run: (findings, context) => changeNetwork(context, findings[0]?.expected ?? "", "connect"),
  },
  {
    name: "protect",
    fixes: ["home.mode:*", "home.owner:*"],
    describe: (findings) => `remove other users' access to: ${subjects(findings)}`,
    async run(findings) {
      const owner = process.getuid?.();
      for (const { subject } of findings) {
        if (owner === 0) chownSync(subject, owner, process.getgid?.() ?? 0);
        chmodSync(subject, statSync(subject).isDirectory() ? 0o700 : 0o600);
      }
    },
  },
  {
    name: "open",
    fixes: ["network.gone", "container.stopped", "container.paused", "vault.sealed", "docker.exec.*"],
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
    run: (_, context, progress) => openVault(context, progress, { writeTokenHelper: true }),
  },
  identify,
  {
    name: "reset-operators",
    fixes: [`vault.policy:${operatorPolicyName}`],
    describe: () => `rewrite the policy ${operatorPolicyName}`,
    run: (_, { deployment }) => asRoot(deployment, writeOperatorPolicy),
  },
  permit,
  installFiles,
  {
    // How the secret treats its versions.
    name: "reset-metadata",
    fixes: ["secret.metadata:*"],
    describe: (findings) => `reset on secret/openrouter: ${findings.map(({ field }) => field).join(", ")}`,
    async run(_, { deployment }) {
      const deployer = await logInTo(deployment, "deployer");
      const body = { ...unreportedVersions, custom_metadata: {} };
      await deployer?.write("secret/metadata/openrouter", body);
    },
  },
  {
    // How the whole mount treats versions, which needs a root token.
    name: "reset-kv",
    fixes: ["vault.kv:*"],
    describe: (findings) => `reset on the mount secret/: ${findings.map(({ field }) => field).join(", ")}`,
    run: (_, { deployment }) =>
      asRoot(deployment, async (root) => {
        await root.write("secret/config", unreportedVersions);
      }),
  },
  {
    name: "disconnect",
    fixes: ["container.networks"],
    isAfterPlans: true,
    describe: (findings) => `disconnect the container from: ${findings[0]?.actual}`,
    async run(findings, context) {
      const networks = (findings[0]?.actual ?? "").split(", ").filter(Boolean);
      for (const network of networks) await changeNetwork(context, network, "disconnect");
    },
  },
  {
    name: "revoke-root-tokens",
    fixes: ["vault.root-token:*"],
    isAfterPlans: true,
    describe: ({ length }) => `revoke ${length === 1 ? "the root token" : `${length} root tokens`}`,
    run: (_, { deployment }) => asRoot(deployment, async () => {}, { revokesOwnOnly: false }),
  },
];

/** Runs work with a temporary root token made from the shares on this host. By default it revokes no other one: nobody asked. */
async function asRoot(
  { home, ...place }: Deployment,
  work: (root: VaultClient) => Promise<void>,
  options: RootSessionOptions = { revokesOwnOnly: true },
): Promise<void> {
  const shares = readShares(home.shares);
  if (shares) await withRootToken(VaultClient.at(place), home, shares, work, options);
}
