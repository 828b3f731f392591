import { instanceLabel } from "../../model/instance-label";
import { attributesOf } from "../../model/terraform-state";
import { containerHost, type DeployContext } from "../../session/context";
import { setMemory } from "../../session/fit-memory";
import type { Repair } from "./repair";
import { appliedContainer, stateOf } from "./repair-applied";

export const retag: Repair = {
  name: "retag",
  fixes: ["image.tag", "image.gone"],
  first: true,
  describe: (findings) => `give the deployed image its name back: ${findings[0]?.expected}`,
  async run(_, context) {
    const [image] = attributesOf(await stateOf("vault", context), "docker_image").values();
    const [, repo = "", tag = "latest"] = /^(.*?)(?::([^:/]+))?$/.exec(String(image?.name)) ?? [];
    const query = new URLSearchParams({ repo, tag });
    await containerHost(context).engine.api.call("POST", `/images/${image?.image_id}/tag?${query}`);
  },
};

export const rename: Repair = {
  name: "rename",
  fixes: ["container.renamed"],
  first: true,
  describe: (findings) => `rename the container ${findings[0]?.actual} to ${findings[0]?.expected}`,
  async run(_, context) {
    const applied = await appliedContainer(context);
    if (!applied) return;
    const query = new URLSearchParams({ name: context.deployment.container });
    await containerHost(context).engine.api.call("POST", `/containers/${applied.id}/rename?${query}`);
  },
};

/** Terraform does not change the swap limit, and the engine refuses a memory limit above it. */
export const limitMemory: Repair = {
  name: "limit-memory",
  fixes: ["container.memory", "container.memory-swap"],
  first: true,
  describe: (findings) => `restore the container's memory limit: ${findings[0]?.expected}`,
  async run(_, context) {
    const applied = await appliedContainer(context);
    if (applied?.memory) await setMemory(context, applied.memory);
  },
};

export const connect: Repair = {
  name: "connect",
  fixes: ["container.network-left"],
  first: true,
  describe: (findings) => `connect the container to its network again: ${findings[0]?.expected}`,
  async run(findings, context) {
    const { api } = containerHost(context).engine;
    const now = await api.inspectContainer(context.deployment.container);
    await api.call("POST", `/networks/${encodeURIComponent(findings[0]?.expected ?? "")}/connect`, {
      body: { Container: now?.Id },
    });
  },
};

export const disconnect: Repair = {
  name: "disconnect",
  fixes: ["container.networks"],
  first: false,
  describe: (findings) => `disconnect the container from: ${findings[0]?.actual}`,
  async run(findings, context) {
    const { api } = containerHost(context).engine;
    const now = await api.inspectContainer(context.deployment.container);
    for (const network of (findings[0]?.actual ?? "").split(", ").filter(Boolean)) {
      await api.call("POST", `/networks/${encodeURIComponent(network)}/disconnect`, {
        body: { Container: now?.Id, Force: true },
      });
    }
  },
};

/** Removes a container with this instance's label that replaced the applied one; Terraform then creates its own. */
export async function removeReplaced(context: DeployContext): Promise<void> {
  const { deployment, instanceId } = context;
  const { api } = containerHost(context).engine;
  const applied = await appliedContainer(context);
  const present = await api.inspectContainer(deployment.container);
  if (!present || present.Id === applied?.id || present.Config.Labels[instanceLabel] !== instanceId) return;
  await api.stopContainer(present.Id);
  await api.call("DELETE", `/containers/${present.Id}`);
}
