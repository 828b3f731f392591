import { vaultAddress } from "./deployment";

/** The address of Vault's API inside its container, and of raft, which a lone node needs as well. */
export const apiPort = 8200;
const clusterPort = 8201;

export interface VaultConfigProps {
  readonly ui: boolean;
  readonly telemetry: boolean;
  /** Whether Vault serves by TLS, with the {@link tlsFiles} on its home volume. */
  readonly tls: boolean;
  /** raft's name of this server. */
  readonly nodeId: string;
  /** Whether the {@link socketFolder} is mounted, for the Unix listener. */
  readonly socket: boolean;
}

/** Where certificate, private key and CA lie in the container. */
export const tlsFiles = {
  certificate: "/home/vault/tls/certificate.pem",
  key: "/home/vault/tls/key.pem",
  ca: "/home/vault/tls/ca.pem",
} as const;

/** Vault's server configuration (VAULT_LOCAL_CONFIG): production mode, raft on one node, behind the loopback. */
export function vaultConfig(props: VaultConfigProps): object {
  return {
    storage: {
      raft: {
        path: "/vault/file",
        node_id: props.nodeId,
        // The default of 5 lets a lone node wait seconds for an election that it can only win.
        performance_multiplier: 1,
      },
    },
    listener: [
      { tcp: { address: `0.0.0.0:${apiPort}`, ...(props.tls ? listenerTls : { tls_disable: true }) } },
      ...(props.socket ? [{ unix: unixListener }] : []),
    ],
    api_addr: vaultAddress(apiPort, props.tls),
    cluster_addr: `https://127.0.0.1:${clusterPort}`,
    // Raft refuses to start since 1.20 unless this is said; without swap beyond its memory limit nothing is lost by it.
    disable_mlock: true,
    ui: props.ui,
    ...(props.telemetry ? { telemetry: { prometheus_retention_time: "24h", disable_hostname: true } } : {}),
  };
}

const listenerTls = {
  tls_cert_file: tlsFiles.certificate,
  tls_key_file: tlsFiles.key,
  tls_min_version: "tls12",
};

/**
 * Where the Unix listener's socket lies, on a volume of its own: other containers may mount it. Its folder's mode decides who
 * reaches it, so that this can change without a change of Vault's container; at first nobody does.
 */
export const socketFolder = "/vault/socket";

const unixListener = {
  address: `${socketFolder}/vault.sock`,
  // Vault sets the mode only if it is told all three.
  socket_user: "100",
  socket_group: "1000",
  socket_mode: "666",
  tls_disable: true,
};

/** The container's environment that tells its own `vault` where the server is, and by what its certificate is known. */
export function clientEnvironment(tls: boolean): string[] {
  return [`VAULT_ADDR=${vaultAddress(apiPort, tls)}`, ...(tls ? [`VAULT_CACERT=${tlsFiles.ca}`] : [])];
}

/** Whether a container of this environment serves by TLS. */
export function servesTls(environment: readonly string[] | null | undefined): boolean {
  return environment?.includes(`VAULT_CACERT=${tlsFiles.ca}`) ?? false;
}

const healthUrl = `${vaultAddress(apiPort, false)}/v1/sys/health?standbyok=true&sealedcode=200&uninitcode=200`;
const listening = `:${apiPort.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`;

/**
 * Passes while Vault runs, also sealed or uninitialised: an engine that restarted a sealed Vault would fix nothing.
 * With TLS it passes while Vault listens: the image's `wget` cannot speak every server's TLS, and a whole `vault status`
 * each second would cost a tenth of a processor and the memory of a second Vault.
 */
export function healthCheck(tls: boolean): string[] {
  return tls
    ? ["CMD", "grep", "-q", listening, "/proc/net/tcp"]
    : ["CMD", "wget", "-q", "-O", "/dev/null", healthUrl];
}

export const containerApiPort = apiPort;
