import type { EngineContainer } from "../../docker/schemas";
import { compareContainer, isLabelled, networksOf } from "../container-fields";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding } from "../finding";
import type { Probe } from "../probe";

/** The findings of a plan that follow from those of this probe. */
const planned = ["plan.docker_container.*", "plan.terraform_data.bootstrap*"];
/** The findings that follow if Vault cannot answer. */
const vaultToo = ["vault.*", "secret.*", "credentials.*", "docker.exec.*"];

export const container: Probe = {
  id: "container",
  managedOnly: true,
  async inspect(context) {
    const was = await context.appliedContainer();
    const named = await context.container();
    const recorded =
      was && named?.Id !== was.id ? await context.engine.api.inspectContainer(was.id) : undefined;
    const now = named ?? recorded;
    if (!now) return [gone(context)];
    return [
      ...(await identity(context, now, was?.id, recorded)),
      ...(await state(context, now)),
      ...(was ? await fields(context, now) : []),
    ];
  },
};

function gone({ deployed }: DriftContext): Finding {
  return drift({
    id: "container.gone",
    severity: "major",
    subject: `container ${deployed.container}`,
    summary: `The container ${deployed.container} is gone`,
    expected: "there, running",
    actual: "none of that name",
    explains: [...planned, ...vaultToo],
  });
}

/** Compares the container's identity with the deployed one. */
async function identity(
  { deployed, instanceId }: DriftContext,
  now: EngineContainer,
  appliedId: string | undefined,
  recorded: EngineContainer | undefined,
): Promise<Finding[]> {
  const subject = `container ${deployed.container}`;
  if (!isLabelled(now, instanceId)) {
    return [
      drift({
        id: "container.foreign",
        severity: "critical",
        subject,
        summary: `The container ${deployed.container} does not belong to this instance`,
        field: "Config.Labels",
        expected: `openclaw-openrouter.instance=${instanceId}`,
        actual: now.Id.slice(0, 12),
        since: now.Created,
        fix: byPerson(
          `Find out whose it is, then remove it (docker rm -f ${deployed.container}) and run openclaw-openrouter up`,
        ),
        explains: ["container.*", "image.*", ...planned, ...vaultToo],
      }),
    ];
  }
  if (recorded && now === recorded) {
    return [
      drift({
        id: "container.renamed",
        severity: "major",
        subject,
        summary: `The container was renamed to ${recorded.Name}`,
        field: "Name",
        expected: deployed.container,
        actual: recorded.Name,
        explains: [...planned, "docker.exec.*"],
      }),
    ];
  }
  if (!appliedId || now.Id === appliedId) return [];
  return [
    drift({
      id: "container.replaced",
      severity: "critical",
      subject,
      summary: `The container ${deployed.container} was re-created outside of a deploy`,
      field: "Id",
      expected: appliedId.slice(0, 12),
      actual: now.Id.slice(0, 12),
      since: now.Created,
      explains: ["container.*", "image.pin", ...planned, "vault.sealed", "vault.unreachable"],
    }),
  ];
}

/** The time in milliseconds after a restart during which a Vault that does not answer counts as restarting. */
const flapping = 60_000;

/** The container's status; a container that exits after each start shows as running for a moment. */
async function statusOf(context: DriftContext, { State, RestartCount }: EngineContainer): Promise<string> {
  const isNew = RestartCount > 0 && Date.now() - Date.parse(State.StartedAt) < flapping;
  return State.Status === "running" && isNew && !(await context.seal()) ? "restarting" : State.Status;
}

async function state(context: DriftContext, now: EngineContainer): Promise<Finding[]> {
  const { deployed } = context;
  const Status = await statusOf(context, now);
  const { ExitCode, OOMKilled, StartedAt, FinishedAt, Health } = now.State;
  const base = { subject: `container ${deployed.container}`, field: "State.Status", expected: "running" };
  if (Status === "running") {
    // After a pause, the health check lags behind: a Vault that answers is healthy.
    if (Health?.Status !== "unhealthy" || (await context.seal())) return [];
    return [
      drift({
        ...base,
        id: "container.unhealthy",
        severity: "major",
        summary: `The container ${deployed.container} runs, but its health check fails`,
        field: "State.Health.Status",
        expected: "healthy",
        actual: "unhealthy",
        fix: byPerson(`See why: docker logs --tail 50 ${deployed.container}`),
        explains: ["vault.unreachable"],
      }),
    ];
  }
  const stopped = Status === "exited" || Status === "dead" || Status === "created";
  const ended = OOMKilled ? `${Status} (out of memory)` : `${Status} (exit code ${ExitCode})`;
  return [
    drift({
      ...base,
      id: `container.${stopped ? "stopped" : Status}`,
      severity: "major",
      summary: `The container ${deployed.container} is ${stopped ? "stopped" : Status}`,
      actual: stopped ? ended : Status,
      since: Status === "paused" ? StartedAt : FinishedAt,
      ...(Status === "restarting"
        ? { fix: byPerson(`See why it does not stay up: docker logs --tail 50 ${deployed.container}`) }
        : {}),
      // Ports and networks are only visible while the container runs.
      explains: ["container.ports", "container.network", ...planned, ...vaultToo],
    }),
  ];
}

async function fields(context: DriftContext, now: EngineContainer): Promise<Finding[]> {
  const { deployed } = context;
  const was = (await context.appliedContainer())!;
  const differing = compareContainer(was, now, await context.engine.api.inspectImage(now.Image));
  const findings = differing.map(({ id, severity, path, expected, actual, attributes }) =>
    drift({
      id: `container.${id}`,
      severity,
      subject: `container ${deployed.container}`,
      summary: `${path} of the container differs from the deployed value`,
      field: path,
      expected,
      actual,
      explains: [
        ...(id === "memory" ? ["container.memory-swap"] : []),
        ...attributes.flatMap((name) => [
          `plan.docker_container.*:${name}`,
          `plan.docker_container.*:${name}.*`,
        ]),
      ],
    }),
  );
  const { own, isOnOwn, others } = networksOf(was, now);
  if (!isOnOwn && now.State.Status === "running") {
    findings.push(
      drift({
        id: "container.network-left",
        severity: "major",
        subject: `container ${deployed.container}`,
        summary: `The container was disconnected from its network ${own}: its port is not published any more`,
        field: "NetworkSettings.Networks",
        expected: own,
        actual: others.join(", ") || "none",
        explains: ["plan.docker_container.*:ports*", "plan.docker_container.*:network*", ...vaultToo],
      }),
    );
  }
  if (others.length > 0) {
    findings.push(
      drift({
        id: "container.networks",
        severity: "critical",
        subject: `container ${deployed.container}`,
        summary: `The container is connected to another network as well: every container on it can reach Vault`,
        field: "NetworkSettings.Networks",
        expected: own,
        actual: others.join(", "),
        explains: ["plan.docker_container.*:network*"],
      }),
    );
  }
  return findings;
}
