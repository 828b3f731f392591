import type { EngineContainer } from "../../docker/schemas";
import { instanceLabel } from "../../model/instance-label";
import { type AppliedContainer, compareContainer, networksOf } from "../container-fields";
import type { DriftContext } from "../context";
import { drift } from "../finding";
import { type Findings, managedProbe } from "../probe";

/** The findings of a plan that follow from those of this probe. */
const planned = ["plan.docker_container.*", "plan.terraform_data.bootstrap*"];
/** The findings that follow if Vault cannot answer. Another one that answers instead of it, and changed files, do not. */
const vaultToo = ["vault.unreachable", "vault.unknown", "secret.*", "credentials.*", "docker.exec.unknown"];

export const container = managedProbe("container", async (context) => {
  const { container: name } = context.deployed;
  const was = await context.appliedContainer();
  const named = await context.container();
  const recorded =
    was && named?.Id !== was.id ? await context.engine.api.inspectContainer(was.id) : undefined;
  const now = named ?? recorded;
  if (!now)
    return drift("container.gone", "major", `container ${name}`, {
      summary: `The container ${name} is gone`,
      compared: ["there, running", "none of that name"],
      explains: [...planned, ...vaultToo],
    });
  return [
    identity(context, now, was?.id, now === recorded),
    await state(context, now),
    was && (await fields(context, was, now)),
  ];
});

/** Compares the container's identity with the deployed one. */
function identity(
  { deployed, instanceId }: DriftContext,
  now: EngineContainer,
  appliedId: string | undefined,
  isRenamed: boolean,
): Findings {
  const subject = `container ${deployed.container}`;
  if (instanceId === undefined || now.Config.Labels[instanceLabel] !== instanceId)
    return drift("container.foreign", "critical", subject, {
      summary: `The container ${deployed.container} does not belong to this instance`,
      compared: [`${instanceLabel}=${instanceId}`, now.Id.slice(0, 12), "Config.Labels"],
      since: now.Created,
      fix: `Find out whose it is, then remove it (docker rm -f ${deployed.container}) and run: openclaw-openrouter up`,
      explains: ["container.*", "image.*", ...planned, "vault.*", ...vaultToo, "docker.exec.*"],
    });
  if (isRenamed)
    return drift("container.renamed", "major", subject, {
      summary: `The container was renamed to ${now.Name}`,
      compared: [deployed.container, now.Name, "Name"],
      explains: [...planned, "docker.exec.*"],
    });
  if (!appliedId || now.Id === appliedId) return [];
  return drift("container.replaced", "critical", subject, {
    summary: `The container ${deployed.container} was re-created outside of a deploy`,
    compared: [appliedId.slice(0, 12), now.Id.slice(0, 12), "Id"],
    since: now.Created,
    explains: ["container.*", "image.pin", ...planned, "vault.sealed", "vault.unreachable"],
  });
}

/** The time in milliseconds after a restart during which a Vault that does not answer counts as restarting. */
const flapping = 60_000;

async function state(context: DriftContext, now: EngineContainer): Promise<Findings> {
  const name = context.deployed.container;
  // A container that exits after each start shows as running for a moment.
  const isNew = now.RestartCount > 0 && Date.now() - Date.parse(now.State.StartedAt) < flapping;
  const isFlapping = now.State.Status === "running" && isNew && !(await context.seal());
  const status = isFlapping ? "restarting" : now.State.Status;
  const { ExitCode, OOMKilled, StartedAt, FinishedAt, Health } = now.State;
  const subject = `container ${name}`;
  if (status === "running") {
    // After a pause, the health check lags behind: a Vault that answers is healthy.
    if (Health?.Status !== "unhealthy" || (await context.seal())) return [];
    return drift("container.unhealthy", "major", subject, {
      summary: `The container ${name} runs, but its health check fails`,
      compared: ["healthy", "unhealthy", "State.Health.Status"],
      fix: `See why: docker logs --tail 50 ${name}`,
      explains: ["vault.unreachable"],
    });
  }
  const isStopped = ["exited", "dead", "created"].includes(status);
  const shown = isStopped ? "stopped" : status;
  const reason = OOMKilled ? "out of memory" : `exit code ${ExitCode}`;
  return drift(`container.${shown}`, "major", subject, {
    summary: `The container ${name} is ${shown}`,
    compared: ["running", isStopped ? `${status} (${reason})` : status, "State.Status"],
    since: status === "paused" ? StartedAt : FinishedAt,
    fix: status === "restarting" ? `See why it does not stay up: docker logs --tail 50 ${name}` : undefined,
    // Ports and networks are only visible while the container runs.
    explains: ["container.ports", "container.network", ...planned, ...vaultToo],
  });
}

async function fields(
  { deployed, engine, engineInfo }: DriftContext,
  was: AppliedContainer,
  now: EngineContainer,
): Promise<Findings> {
  const subject = `container ${deployed.container}`;
  const [image, { limitsSwap }] = await Promise.all([engine.api.inspectImage(now.Image), engineInfo()]);
  const differing = compareContainer(was, now, image, limitsSwap);
  const { own, isOnOwn, others } = networksOf(was, now);
  return [
    differing.map(({ id, severity, attributes, ...difference }) =>
      drift(`container.${id}`, severity, subject, {
        ...difference,
        summary: `${difference.field} of the container differs from the deployed value`,
        explains: [
          ...(id === "memory" ? ["container.memory-swap"] : []),
          ...attributes.flatMap((name) => ["", ".*"].map((end) => `plan.docker_container.*:${name}${end}`)),
        ],
      }),
    ),
    !isOnOwn &&
      now.State.Status === "running" &&
      drift("container.network-left", "major", subject, {
        summary: `The container was disconnected from its network ${own}: its port is not published any more`,
        compared: [own, others.join(", ") || "none", "NetworkSettings.Networks"],
        explains: ["plan.docker_container.*:ports*", "plan.docker_container.*:network*", ...vaultToo],
      }),
    others.length > 0 &&
      drift("container.networks", "critical", subject, {
        summary: `The container is connected to another network as well: every container on it can reach Vault`,
        compared: [own, others.join(", "), "NetworkSettings.Networks"],
        explains: ["plan.docker_container.*:network*"],
      }),
  ];
}
