import { chmodSync, chownSync, copyFileSync, lchownSync, statSync } from "node:fs";
import { containerHost, type DeployContext } from "../deploy/context";
import { setMemory } from "../deploy/fit-memory";
import { openVault } from "../deploy/open-vault";
import { recover } from "../deploy/recover";
import { accountOf } from "../host/account";
import { readTextIfThere } from "../instance/files";
import type { Deployment } from "../model/deployment";
import { stackNames } from "../model/home-paths";
import { identities } from "../model/identities";
import { installParametersOf } from "../model/install-parameters";
import { instanceLabel } from "../model/instance-label";
import { install } from "../openclaw/install";
import type { Progress } from "../progress";
import { attributesOf, parseState, type State } from "../terraform/state";
import { VaultClient } from "../vault/client";
import { logIn } from "../vault/credentials";
import { isRootAlive, makeRootToken, revokeRootTokens } from "../vault/root";
import { anything } from "../vault/schemas";
import { forgetRootToken, readShares } from "../vault/shares-file";
import { parseAppliedContainer } from "./container-fields";
import { wholeContainer } from "./container-shape";
import type { ReportedFinding } from "./report";
import { matches } from "./root-cause";

/** Something that no plan can do. */
export interface Repair {
  readonly name: string;
  /** The findings that it mends, by pattern. */
  readonly mends: readonly string[];
  /**
   * Whether it comes before anything is planned: a plan of a stopped container or a sealed Vault is none. The others
   * follow what is planned, or do not touch it.
   */
  readonly first: boolean;
  /** What it will do, for a person. */
  describe(findings: readonly ReportedFinding[], context: DeployContext): string;
  run(findings: readonly ReportedFinding[], context: DeployContext, progress: Progress): Promise<void>;
}

const restoreState: Repair = {
  name: "restore-state",
  mends: ["state.*"],
  first: true,
  describe: (findings) =>
    `put back, as the last deploy left it: ${findings.map(({ subject }) => subject).join(", ")}`,
  async run(findings, { deployment: { home } }) {
    for (const stack of stackNames) {
      if (!findings.some(({ id }) => id === `state.${stack}`)) continue;
      copyFileSync(home.deployedState(stack), home.state(stack));
    }
  },
};

const retag: Repair = {
  name: "retag",
  mends: ["image.tag", "image.gone"],
  first: true,
  describe: (findings) => `give the name back to the image that was deployed: ${findings[0]?.declared}`,
  async run(_, context) {
    const { deployment } = context;
    const [image] = attributesOf(stateIn(deployment.home.state("vault")), "docker_image").values();
    const [, repo = "", tag = "latest"] = /^(.*?)(?::([^:/]+))?$/.exec(String(image?.name)) ?? [];
    const query = new URLSearchParams({ repo, tag });
    await containerHost(context).engine.api.call("POST", `/images/${image?.image_id}/tag?${query}`);
  },
};

const rename: Repair = {
  name: "rename",
  mends: ["container.renamed"],
  first: true,
  describe: (findings) => `rename the container ${findings[0]?.found} to ${findings[0]?.declared}`,
  async run(_, context) {
    const { deployment } = context;
    const applied = appliedContainer(deployment.home.state("vault"));
    if (!applied) return;
    const query = new URLSearchParams({ name: deployment.container });
    await containerHost(context).engine.api.call("POST", `/containers/${applied.id}/rename?${query}`);
  },
};

/** Terraform leaves the swap as it is, and the engine takes no memory limit above that. */
const limitMemory: Repair = {
  name: "limit-memory",
  mends: ["container.memory", "container.memory-swap"],
  first: true,
  describe: (findings) => `give the container its memory limit back: ${findings[0]?.declared}`,
  async run(_, context) {
    const applied = appliedContainer(context.deployment.home.state("vault"));
    if (applied?.memory) await setMemory(context, applied.memory);
  },
};

const protectFiles: Repair = {
  name: "protect",
  mends: ["home.mode:*", "home.owner:*"],
  first: true,
  describe: (findings) => `take from others: ${findings.map(({ subject }) => subject).join(", ")}`,
  async run(findings) {
    for (const { subject } of findings) {
      const owner = process.getuid?.();
      if (owner === 0) chownSync(subject, owner, process.getgid?.() ?? 0);
      chmodSync(subject, statSync(subject).isDirectory() ? 0o700 : 0o600);
    }
  },
};

const open: Repair = {
  name: "open",
  mends: ["container.stopped", "container.paused", "vault.sealed", "guide-command.*"],
  first: true,
  describe(findings) {
    const has = (pattern: string) => findings.some(({ id }) => matches(pattern, id));
    return [
      ...(has("container.paused") ? ["continue the container"] : []),
      ...(has("container.stopped") ? ["start the container"] : []),
      "unseal Vault where it is sealed",
      ...(has("guide-command.*") ? ["put the files of the guide's command back"] : []),
    ].join(", ");
  },
  async run(_, context, progress) {
    await openVault(context, progress, { writeTokenHelper: true });
  },
};

/** What only root may write. */
const identify: Repair = {
  name: "recover",
  mends: [
    "vault.policy:openclaw-deployer",
    "vault.policy:openclaw-auditor",
    "vault.role:openclaw-deployer:*",
    ...Object.values(identities).map(({ role }) => `vault.role:${role}`),
    "vault.mount:approle",
    "credentials.*",
  ],
  first: true,
  describe: () =>
    "write our policies, roles and credentials anew, by a passing root token made from the shares (recover)",
  async run(_, context) {
    await recover(context);
  },
};

/** OpenClaw's files. A link, or what is no plain file, is left to a person. */
const installFiles: Repair = {
  name: "install",
  mends: ["openclaw.*"],
  first: true,
  describe: (findings) =>
    `put right in OpenClaw's folder: ${[...new Set(findings.map(({ subject }) => subject))].join(", ")}`,
  async run(findings, { deployment }) {
    const { uid, gid } = accountOf(deployment.settings.openclaw.user);
    for (const { id, subject } of findings) if (id.endsWith(".owner")) lchownSync(subject, uid, gid);
    install(installParametersOf(deployment));
  },
};

/** What the secret was told to do with its versions. */
const resetMetadata: Repair = {
  name: "reset-metadata",
  mends: ["secret.metadata:*"],
  first: true,
  describe: (findings) => `set back of secret/openrouter: ${findings.map(({ field }) => field).join(", ")}`,
  async run(_, { deployment }) {
    const deployer = await logIn(VaultClient.at(deployment), deployment.home, "deployer");
    const body = { max_versions: 0, cas_required: false, delete_version_after: "0s", custom_metadata: {} };
    await deployer?.call({ method: "POST", path: "secret/metadata/openrouter", body }, anything);
  },
};

/** The deployer may turn an audit device on, and not off. */
const resetAudit: Repair = {
  name: "reset-audit",
  mends: ["vault.audit:options"],
  first: true,
  describe: (findings) => `have the audit device write as it was deployed: ${findings[0]?.declared}`,
  async run(_, { deployment }) {
    const state = stateIn(deployment.home.state("openrouter"));
    const [applied] = attributesOf(state, "vault_audit").values();
    await asRoot(deployment, async (root) => {
      const body = {
        type: applied?.type,
        options: applied?.options,
        description: applied?.description ?? "",
      };
      await root.call({ method: "DELETE", path: "sys/audit/file" }, anything);
      await root.call({ method: "POST", path: "sys/audit/file", body }, anything);
    });
  },
};

/** What a plan does not look at of the mount. */
const tuneMount: Repair = {
  name: "tune-mount",
  mends: ["vault.mount:secret:config.*"],
  first: true,
  describe: (findings) => `set back of secret/: ${findings.map(({ field }) => field).join(", ")}`,
  async run(findings, { deployment }) {
    const deployer = await logIn(VaultClient.at(deployment), deployment.home, "deployer");
    const untuned = findings.map(({ field = "", declared }) => [
      field.replace(/^config\./, ""),
      declared === "none" ? "" : declared,
    ]);
    const body = Object.fromEntries(untuned);
    await deployer?.call({ method: "POST", path: "sys/mounts/secret/tune", body }, anything);
  },
};

const disconnect: Repair = {
  name: "disconnect",
  mends: ["container.networks"],
  first: false,
  describe: (findings) => `take the container off: ${findings[0]?.found}`,
  async run(findings, context) {
    const { api } = containerHost(context).engine;
    const now = await wholeContainer(api, context.deployment.container);
    for (const network of (findings[0]?.found ?? "").split(", ").filter(Boolean)) {
      await api.call("POST", `/networks/${encodeURIComponent(network)}/disconnect`, {
        body: { Container: now?.Id, Force: true },
      });
    }
  },
};

const revokeRoots: Repair = {
  name: "revoke-root-tokens",
  mends: ["vault.root-token:*"],
  first: false,
  describe: (findings) =>
    `revoke ${findings.length === 1 ? "the root token" : `${findings.length} root tokens`}`,
  async run(_, { deployment }) {
    await asRoot(deployment, revokeRootTokens);
  },
};

/** Does something as root, by a token made from the shares on this host, which is revoked at its end. */
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
    if (await isRootAlive(vault, token))
      await root.call({ method: "POST", path: "auth/token/revoke-self" }, anything);
    forgetRootToken(home);
  }
}

/** In the order in which they are done. */
export const repairs: readonly Repair[] = [
  restoreState,
  retag,
  rename,
  limitMemory,
  protectFiles,
  open,
  identify,
  installFiles,
  resetMetadata,
  resetAudit,
  tuneMount,
  disconnect,
  revokeRoots,
];

/** The container that somebody made in the place of ours, with our label: Terraform makes its own under the same name. */
export async function removeReplaced(context: DeployContext): Promise<void> {
  const { deployment, instanceId } = context;
  const { api } = containerHost(context).engine;
  const applied = appliedContainer(deployment.home.state("vault"));
  const present = await wholeContainer(api, deployment.container);
  if (!present || present.Id === applied?.id || present.Config.Labels[instanceLabel] !== instanceId) return;
  await api.stopContainer(present.Id);
  await api.call("DELETE", `/containers/${present.Id}`);
}

function stateIn(path: string): State | undefined {
  return parseState(JSON.parse(readTextIfThere(path) ?? "null"));
}

function appliedContainer(path: string) {
  const [attributes] = attributesOf(stateIn(path), "docker_container").values();
  return parseAppliedContainer(attributes);
}
