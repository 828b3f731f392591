import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect } from "node:tls";

/**
 * The certificate that a server serves, whoever signed it; undefined if nothing answers by TLS.
 * @param host a name or an IP address, without brackets
 */
export function servedCertificate(host: string, port: number): Promise<X509Certificate | undefined> {
  return new Promise((resolve) => {
    const options = {
      ...{ host, port, timeout: 2_000, servername: isIP(host) ? "" : host },
      // Any certificate is accepted. Without an empty list Node would load all its CAs, which takes 20 ms.
      ...{ rejectUnauthorized: false, ca: [] },
    };
    const socket = connect(options, () => {
      resolve(socket.getPeerX509Certificate());
      socket.destroy();
    });
    const nothing = () => {
      resolve(undefined);
      socket.destroy();
    };
    socket.on("error", nothing).on("timeout", nothing);
  });
}
