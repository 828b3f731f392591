import { z } from "zod";
import { compareFields } from "../../core/compare-fields";
import { auditedHeaders } from "../../model/vault/own-vault";
import { vaultConfig as declaredConfig } from "../../model/vault/vault-config";
import {
  auditedHeadersAnswer,
  auditedHeadersPath,
  corsPath,
  webHeadersPath,
} from "../../vault/write-own-vault";
import type { DriftContext } from "../context";
import { drift } from "../finding";
import { type Findings, managedProbe } from "../probe";

const corsAnswer = z.object({
  data: z.object({ enabled: z.boolean(), allowed_origins: z.array(z.string()).nullish() }),
});

const peersAnswer = z.object({
  data: z.object({
    config: z.object({ servers: z.array(z.object({ node_id: z.string(), address: z.string() })) }),
  }),
});
type Server = z.output<typeof peersAnswer>["data"]["config"]["servers"][number];

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
type ServerState = z.output<typeof stateAnswer>["data"];

/**
 * Inspects Vault's global configuration: the request headers in its audit log, CORS, the headers of its web pages, the servers
 * of its cluster, and what it was started with.
 */
export const vaultConfig = managedProbe("vault.config", async (context) => {
  const auditor = await context.auditor();
  const [{ data: audited }, { data: cors }, webHeaders, { data: peers }, { data: state }] = await Promise.all(
    [
      auditor.call({ path: auditedHeadersPath }, auditedHeadersAnswer),
      auditor.call({ path: corsPath }, corsAnswer),
      auditor.list(webHeadersPath),
      auditor.call({ path: "sys/storage/raft/configuration" }, peersAnswer),
      auditor.call({ path: "sys/config/state/sanitized" }, stateAnswer),
    ],
  );
  const fix = context.renewal;
  const others = Object.entries(audited.headers ?? {}).filter(([name]) => !auditedHeaders.includes(name));
  return [
    others.map(([name, { hmac }]) => {
      const how = hmac ? "as a digest" : "in the clear";
      // The header with the token would be readable in the log.
      return drift(`vault.audited-header:${name}`, hmac ? "minor" : "critical", "audit log", {
        summary: `The audit log holds the request header ${name}, ${how}`,
        compared: ["not written", how, name],
        fix,
      });
    }),
    otherServers(peers.config.servers),
    startedWith(context, state),
    cors.enabled &&
      drift("vault.cors", "major", "Vault's API", {
        summary: "Web pages of other sites can call Vault's API",
        compared: ["false", (cors.allowed_origins ?? []).join(", ") || "true", "enabled"],
        fix,
      }),
    webHeaders.map((name) =>
      drift(`vault.web-header:${name}`, "major", "Vault's web pages", {
        summary: `Vault's web pages have another header ${name} than Vault's own`,
        compared: ["Vault's own", "another", name],
        fix,
      }),
    ),
  ];
});

/** Each server of a cluster has all of Vault's data. */
function otherServers(servers: readonly Server[]): Findings {
  const shown = servers.map(({ node_id, address }) => `${node_id} at ${address}`).join(", ");
  return (
    servers.length > 1 &&
    drift("vault.servers", "critical", "Vault's cluster", {
      summary: "Another server has joined this Vault: it has a copy of all secrets",
      compared: ["one", shown, "servers"],
      fix: "vault operator raft remove-peer NODE_ID  (with a root token), then rotate the key: openclaw-openrouter key rotate",
    })
  );
}

/** Compares what Vault runs with: a file beside its configuration adds to that. */
function startedWith(
  { deployed: { container, tls, settings } }: DriftContext,
  { raw_storage_endpoint, introspection_endpoint, plugin_directory, listeners }: ServerState,
): Findings {
  const isOutside = settings.vault.listen !== undefined;
  const usual = { ui: false, telemetry: false, nodeId: "", socket: true, tls: tls !== undefined, isOutside };
  const { listener } = declaredConfig(usual) as { listener: Record<string, { address: string }>[] };
  const addresses = listener.flatMap((each) => Object.values(each).map(({ address }) => address));
  const others = listeners.filter(({ config }) => !addresses.includes(String(config.address)));
  return compareFields([
    ["raw_storage_endpoint", false, raw_storage_endpoint],
    ["introspection_endpoint", false, introspection_endpoint],
    ["plugin_directory", "none", plugin_directory || "none"],
    ...others.map(({ type, config }) => [`listener ${String(config.address)}`, "none", type] as const),
  ]).map((difference) =>
    drift(`vault.server:${difference.field}`, "critical", "Vault's server", {
      summary: "Vault runs with a configuration that was not deployed",
      ...difference,
      fix: `Find the file that adds to it: docker exec ${container} ls -la /vault/config /home/vault; then: docker restart ${container} && openclaw-openrouter vault unseal`,
    }),
  );
}
