import { vaultAddress } from "../deployment";

/** The port of Vault's API inside its container, and of raft, which a single node needs too. */
export const apiPort = 8200;
const clusterPort = 8201;

/**
 * The port inside the container for other hosts. Terraform's provider reads two addresses of one internal port back as the same
 * one twice, and would replace the container at each deploy.
 */
export const outsidePort = 8202;

interface VaultConfigProps {
  readonly ui: boolean;
  readonly telemetry: boolean;
  /** Whether Vault serves TLS, with the {@link tlsFiles} on its home volume. */
  readonly tls: boolean;
  /** The name of this server in raft. */
  readonly nodeId: string;
  /** Whether the {@link socketFolder} is mounted, for the Unix listener. */
  readonly socket: boolean;
  /** Whether other hosts reach Vault, by the {@link outsidePort}. TLS only. @default false */
  readonly isOutside?: boolean;
}

/** The paths of certificate, private key and CA in the container. */
const tlsFiles = {
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
        // With the default of 5, a single node waits seconds for an election that it always wins.
        performance_multiplier: 1,
      },
    },
    listener: [
      { tcp: { address: `0.0.0.0:${apiPort}`, ...(props.tls ? listenerTls : { tls_disable: true }) } },
      ...(props.isOutside ? [{ tcp: { address: `0.0.0.0:${outsidePort}`, ...listenerTls } }] : []),
      ...(props.socket ? [{ unix: unixListener }] : []),
    ],
    api_addr: vaultAddress(apiPort, props.tls),
    cluster_addr: `https://127.0.0.1:${clusterPort}`,
    // Since 1.20, raft requires this option. It is safe, because the container has no swap beyond its memory limit.
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
 * The folder of the Unix listener's socket, on its own volume, which other containers can mount. The folder's mode decides who
 * reaches the socket, so that access can change without a change of Vault's container; at first nobody has access.
 */
export const socketFolder = "/vault/socket";

const unixListener = {
  address: `${socketFolder}/vault.sock`,
  // Vault sets the mode only if all three are given.
  socket_user: "100",
  socket_group: "1000",
  socket_mode: "666",
  tls_disable: true,
};

/** The folders of a server's container that are in memory: the rest of its file system is read-only. */
export const memoryFolders = {
  "/vault/config": "uid=100,gid=1000,mode=0750,size=1m",
  "/vault/logs": "uid=100,gid=1000,mode=0750,size=1m",
  "/tmp": "size=16m",
} as const;

/** The environment with the server's address and CA for the `vault` command in the container. */
export function clientEnvironment(tls: boolean): string[] {
  return [`VAULT_ADDR=${vaultAddress(apiPort, tls)}`, ...(tls ? [`VAULT_CACERT=${tlsFiles.ca}`] : [])];
}

/** Whether a container with this environment serves TLS. */
export function servesTls(environment: readonly string[] | null | undefined): boolean {
  return environment?.includes(`VAULT_CACERT=${tlsFiles.ca}`) ?? false;
}

const healthUrl = `${vaultAddress(apiPort, false)}/v1/sys/health?standbyok=true&sealedcode=200&uninitcode=200`;
const listening = `:${apiPort.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`;

/**
 * The health check. It passes while Vault runs, even sealed or uninitialized, because a restart does not unseal Vault. With TLS
 * it only checks that Vault listens: the image's `wget` does not support the TLS of every server, and a `vault status` each
 * second would cost a tenth of a processor and the memory of a second Vault.
 */
export function healthCheck(tls: boolean): string[] {
  return tls
    ? ["CMD", "grep", "-q", listening, "/proc/net/tcp"]
    : ["CMD", "wget", "-q", "-O", "/dev/null", healthUrl];
}

export const containerApiPort = apiPort;
