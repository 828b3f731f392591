import { join } from "node:path";

/** Files of the host, PEM, by absolute paths. None of their content is in the declaration. */
export interface VaultTlsFiles {
  /** What Vault serves, with its intermediates. It names 127.0.0.1 as an IP address. */
  readonly certificateFile: string;
  /** Its private key, without a passphrase. */
  readonly keyFile: string;
  /** CA certificates that verify it, or the certificate itself if it is self-signed. */
  readonly caFile: string;
  /** Set if they are the instance's own, made and renewed by this program. */
  readonly made?: true;
}

/** Where an instance's own CA and its server's certificate lie, PEM. Keys are secrets, and leave this host in backups alone. */
export function instanceTlsPaths(folder: string) {
  return {
    /** Every CA that is pinned: the one that signs first, then its successor or predecessor. */
    ca: join(folder, "ca.pem"),
    /** The key of the CA that signs. */
    caKey: join(folder, "ca-key.pem"),
    /** The key of its successor, while that one is pinned and does not sign yet. */
    nextCaKey: join(folder, "next-ca-key.pem"),
    server: join(folder, "server.pem"),
    serverKey: join(folder, "server-key.pem"),
  };
}

/** What Vault serves TLS with by default: files of the instance's own, which are made and renewed here. */
export function instanceTlsFiles(folder: string): VaultTlsFiles {
  const { server, serverKey, ca } = instanceTlsPaths(folder);
  return { certificateFile: server, keyFile: serverKey, caFile: ca, made: true };
}
