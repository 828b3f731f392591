import { z } from "zod";
import { auditedHeaders } from "../../model/own-vault";
import { vaultConfig as declaredConfig } from "../../model/vault-config";
import { auditedHeadersAnswer, auditedHeadersPath, corsPath } from "../../vault/write-own-vault";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding } from "../finding";
import type { Probe } from "../probe";

const corsAnswer = z.object({
  data: z.object({ enabled: z.boolean(), allowed_origins: z.array(z.string()).nullish() }),
});

const peersAnswer = z.object({
  data: z.object({
    config: z.object({ servers: z.array(z.object({ node_id: z.string(), address: z.string() })) }),
  }),
});

const stateAnswer = z.object({
  data: z.object({
    raw_storage_endpoint: z.boolean().default(false),
    introspection_endpoint: z.boolean().default(false),
    plugin_directory: z.string().default(""),
    listeners: z
      .array(z.object({ type: z.string(), config: z.record(z.string(), z.unknown()).default({}) }))
      .default([]),
  }),
});

/**
 * Inspects Vault's global configuration: the request headers in its audit log, CORS, the servers of its cluster, and what it
 * was started with.
 */
export const vaultConfig: Probe = {
  id: "vault.config",
  managedOnly: true,
  async inspect(context) {
    const auditor = await context.auditor();
    const [{ data: audited }, { data: cors }, { data: peers }, { data: state }] = await Promise.all([
      auditor.call({ path: auditedHeadersPath }, auditedHeadersAnswer),
      auditor.call({ path: corsPath }, corsAnswer),
      auditor.call({ path: "sys/storage/raft/configuration" }, peersAnswer),
      auditor.call({ path: "sys/config/state/sanitized" }, stateAnswer),
    ]);
    const fix = context.renewal;
    const headers = Object.entries(audited.headers ?? {})
      .filter(([name]) => !auditedHeaders.includes(name))
      .map(([name, { hmac }]): Finding => {
        const how = hmac ? "as a digest" : "in the clear";
        return drift({
          id: `vault.audited-header:${name}`,
          // The header with the token would be readable in the log.
          severity: hmac ? "minor" : "critical",
          subject: "audit log",
          summary: `The audit log holds the request header ${name}, ${how}`,
          field: name,
          expected: "not written",
          actual: how,
          fix,
        });
      });
    const others = [...otherServers(peers.config.servers), ...startedWith(context, state)];
    if (!cors.enabled) return [...headers, ...others];
    return [
      ...headers,
      ...others,
      drift({
        id: "vault.cors",
        severity: "major",
        subject: "Vault's API",
        summary: "Web pages of other sites can call Vault's API",
        field: "enabled",
        expected: "false",
        actual: (cors.allowed_origins ?? []).join(", ") || "true",
        fix,
      }),
    ];
  },
};

/** Each server of a cluster has all of Vault's data. */
function otherServers(servers: z.output<typeof peersAnswer>["data"]["config"]["servers"]): Finding[] {
  if (servers.length <= 1) return [];
  return [
    drift({
      id: "vault.servers",
      severity: "critical",
      subject: "Vault's cluster",
      summary: "Another server has joined this Vault: it has a copy of all secrets",
      field: "servers",
      expected: "one",
      actual: servers.map(({ node_id, address }) => `${node_id} at ${address}`).join(", "),
      fix: byPerson("vault operator raft remove-peer NODE_ID  (with a root token), then rotate the key"),
    }),
  ];
}

/** Compares what Vault runs with: a file beside its configuration adds to that. */
function startedWith(
  { deployed }: DriftContext,
  {
    raw_storage_endpoint,
    introspection_endpoint,
    plugin_directory,
    listeners,
  }: z.output<typeof stateAnswer>["data"],
): Finding[] {
  const declared = declaredConfig({
    ui: false,
    telemetry: false,
    tls: deployed.tls !== undefined,
    nodeId: "",
    socket: true,
  }) as { listener: Record<string, { address: string; tls_disable?: boolean }>[] };
  const addresses = new Set(
    declared.listener.flatMap((each) => Object.values(each).map(({ address }) => address)),
  );
  const compared: [string, string, string][] = [
    ["raw_storage_endpoint", "false", String(raw_storage_endpoint)],
    ["introspection_endpoint", "false", String(introspection_endpoint)],
    ["plugin_directory", "none", plugin_directory || "none"],
    ...listeners.flatMap(({ type, config }): [string, string, string][] => {
      const address = String(config.address ?? "");
      return addresses.has(address) ? [] : [[`listener ${address}`, "none", type]];
    }),
  ];
  return compared
    .filter(([, expected, actual]) => expected !== actual)
    .map(([field, expected, actual]) =>
      drift({
        id: `vault.server:${field}`,
        severity: "critical",
        subject: "Vault's server",
        summary: "Vault runs with a configuration that was not deployed",
        field,
        expected,
        actual,
        fix: byPerson(
          `Find the file that adds to it: docker exec ${deployed.container} ls -la /vault/config /home/vault; then: docker restart ${deployed.container} && openclaw-openrouter vault unseal`,
        ),
      }),
    );
}
