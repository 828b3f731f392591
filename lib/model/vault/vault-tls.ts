import { join } from "node:path";

/** PEM files on the host, by absolute paths. The declaration does not hold their content. */
export interface VaultTlsFiles {
  /** The certificate that Vault serves, with its intermediates. It names 127.0.0.1 as an IP address. */
  readonly certificateFile: string;
  /** Its private key, without a passphrase. */
  readonly keyFile: string;
  /** CA certificates that verify it, or the certificate itself if it is self-signed. */
  readonly caFile: string;
  /** Set if they are the instance's own files, which this program makes and renews. */
  readonly made?: true;
}

/**
 * The paths of an instance's own CA and of its server's certificate, PEM. Keys are secrets, and leave this host only in
 * backups.
 */
export function instanceTlsPaths(folder: string) {
  return {
    /** All pinned CAs: first the one that signs, then its successor or predecessor. */
    ca: join(folder, "ca.pem"),
    /** The key of the CA that signs. */
    caKey: join(folder, "ca-key.pem"),
    /** The key of its successor, while that CA is pinned but does not sign yet. */
    nextCaKey: join(folder, "next-ca-key.pem"),
    server: join(folder, "server.pem"),
    serverKey: join(folder, "server-key.pem"),
  };
}

/** The default TLS files of Vault: the instance's own, which this program makes and renews. */
export function instanceTlsFiles(folder: string): VaultTlsFiles {
  const { server, serverKey, ca } = instanceTlsPaths(folder);
  return { certificateFile: server, keyFile: serverKey, caFile: ca, made: true };
}
