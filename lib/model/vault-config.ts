/** The address of Vault's API inside its container, and of raft, which a lone node needs as well. */
const apiPort = 8200;
const clusterPort = 8201;

export interface VaultConfigProps {
  readonly ui: boolean;
  readonly telemetry: boolean;
}

/** Vault's server configuration (VAULT_LOCAL_CONFIG): production mode, raft on one node, behind the loopback. */
export function vaultConfig(props: VaultConfigProps): object {
  return {
    storage: {
      raft: {
        path: "/vault/file",
        node_id: "vault",
        // The default of 5 lets a lone node wait seconds for an election that it can only win.
        performance_multiplier: 1,
      },
    },
    listener: { tcp: { address: `0.0.0.0:${apiPort}`, tls_disable: true } },
    api_addr: `http://127.0.0.1:${apiPort}`,
    cluster_addr: `https://127.0.0.1:${clusterPort}`,
    // Raft refuses to start since 1.20 unless this is said; without swap beyond its memory limit nothing is lost by it.
    disable_mlock: true,
    ui: props.ui,
    ...(props.telemetry ? { telemetry: { prometheus_retention_time: "24h", disable_hostname: true } } : {}),
  };
}

/** Answers 200 while Vault runs, also sealed or uninitialised: an engine that restarted a sealed Vault would mend nothing. */
export const healthUrl = `http://127.0.0.1:${apiPort}/v1/sys/health?standbyok=true&sealedcode=200&uninitcode=200`;
export const containerApiPort = apiPort;
