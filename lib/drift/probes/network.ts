import { compareFields } from "../../core/compare-fields";
import { decidingOptions, hasIpv6ByDefault, networkOptions } from "../../docker/vault-network";
import { foreignLabel, listedPairs } from "../field-texts";
import { drift, gone } from "../finding";
import { managedProbe } from "../probe";

/** Inspects the network of Vault's container, which no other container uses. */
export const network = managedProbe("network", async (context) => {
  const { network: name, container, instance } = context.deployed;
  const now = await context.engine.api.inspectNetwork(name);
  const subject = `network ${name}`;
  if (!now)
    return gone("network.gone", "major", subject, {
      summary: "The network of Vault's container is gone: the container cannot start",
      explains: ["container.stopped", "container.network-left"],
    });
  // Docker cannot change an existing network.
  const again = `docker stop ${container}; docker network disconnect --force ${name} ${container}; docker network rm ${name}; openclaw-openrouter vault unseal --instance ${instance}`;
  const foreign = foreignLabel(now.Labels, context.instanceId);
  if (foreign)
    return drift("network.foreign", "critical", subject, {
      ...foreign,
      summary: "The network of Vault's container does not belong to this instance",
      fix: again,
    });
  const settings = compareFields([
    ["Driver", "bridge", now.Driver],
    ["Internal", "false", now.Internal],
    ["EnableIPv6", hasIpv6ByDefault(now.Options), now.EnableIPv6],
    ["Options", listedPairs(networkOptions), listedPairs(decidingOptions(now.Options))],
  ]);
  // The deployed container under another name is a finding of its own.
  const applied = await context.appliedContainer();
  const others = Object.entries(now.Containers)
    .filter(([id, { Name }]) => Name !== container && id !== applied?.id)
    .map(([, { Name }]) => Name);
  return [
    settings.map((difference) =>
      drift(`network.${difference.field.toLowerCase()}`, "critical", subject, {
        ...difference,
        summary: "The network of Vault's container differs from the deployed one",
        fix: again,
      }),
    ),
    others.length > 0 &&
      drift("network.shared", "critical", subject, {
        summary: "Another container is on the network of Vault's container",
        compared: [container, others.join(", "), "Containers"],
        fix: `Find out what it is for, then: docker network disconnect --force ${name} ${others[0]}`,
      }),
  ];
});
