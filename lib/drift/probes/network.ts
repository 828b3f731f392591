import { networkOptions } from "../../docker/vault-network";
import { instanceLabel } from "../../model/instance-label";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding } from "../finding";
import type { Probe } from "../probe";

/** Inspects the network of Vault's container, which no other container uses. */
export const network: Probe = {
  id: "network",
  managedOnly: true,
  async inspect(context) {
    const name = context.deployed.network;
    const now = await context.engine.api.inspectNetwork(name);
    const base = { severity: "critical" as const, subject: `network ${name}` };
    if (!now) {
      return [
        drift({
          ...base,
          id: "network.gone",
          severity: "major",
          summary: "The network of Vault's container is gone: the container cannot start",
          expected: "there",
          actual: "gone",
          explains: ["container.stopped", "container.network-left"],
        }),
      ];
    }
    const label = now.Labels[instanceLabel];
    if (label !== context.instanceId) {
      return [
        drift({
          ...base,
          id: "network.foreign",
          summary: "The network of Vault's container does not belong to this instance",
          field: "Labels",
          expected: `${instanceLabel}=${context.instanceId}`,
          actual: label ? `${instanceLabel}=${label}` : "no such label",
          fix: byPerson(remade(context)),
        }),
      ];
    }
    return [...settings(context, now.Options, now.Internal, now.Driver), ...others(context, now.Containers)];
  },
};

function settings(
  context: DriftContext,
  options: Readonly<Record<string, string>>,
  isInternal: boolean,
  driver: string,
): Finding[] {
  const shown = (values: Readonly<Record<string, string>>) =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(", ") || "none";
  const fields = [
    ["Driver", "bridge", driver],
    ["Internal", "false", String(isInternal)],
    ["Options", shown(networkOptions), shown(options)],
  ] as const;
  return fields
    .filter(([, expected, actual]) => expected !== actual)
    .map(([field, expected, actual]) =>
      drift({
        id: `network.${field.toLowerCase()}`,
        severity: "critical",
        subject: `network ${context.deployed.network}`,
        summary: "The network of Vault's container differs from the deployed one",
        field,
        expected,
        actual,
        fix: byPerson(remade(context)),
      }),
    );
}

function others(
  { deployed }: DriftContext,
  containers: Readonly<Record<string, { readonly Name: string }>>,
): Finding[] {
  const names = Object.values(containers)
    .map(({ Name }) => Name)
    .filter((name) => name !== deployed.container);
  if (names.length === 0) return [];
  return [
    drift({
      id: "network.shared",
      severity: "critical",
      subject: `network ${deployed.network}`,
      summary: "Another container is on the network of Vault's container",
      field: "Containers",
      expected: deployed.container,
      actual: names.join(", "),
      fix: byPerson(
        `Find out what it is for, then: docker network disconnect --force ${deployed.network} ${names[0]}`,
      ),
    }),
  ];
}

/** The commands that re-create the network: Docker cannot change an existing one. */
function remade({ deployed: { container, network, instance } }: DriftContext): string {
  return `docker stop ${container}; docker network disconnect --force ${network} ${container}; docker network rm ${network}; openclaw-openrouter vault unseal --instance ${instance}`;
}
