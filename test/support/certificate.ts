import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";

export interface TestCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

export interface CertificateProps {
  /** As openssl takes them. @default "IP:127.0.0.1,DNS:localhost" */
  readonly names?: string;
  /** Signed by this one. @default by itself */
  readonly authority?: TestCertificate;
  /** Whether it can sign others itself. @default only if it is signed by itself */
  readonly isAuthority?: true;
  /** How long it is valid. @default 90 */
  readonly days?: number;
}

/** Makes a certificate and its key with openssl, in files of that name; the next one of the same name overwrites them. */
export function makeCertificate(folder: string, name: string, props: CertificateProps = {}): TestCertificate {
  const { names = "IP:127.0.0.1,DNS:localhost", authority, isAuthority = !authority, days = 90 } = props;
  const certificateFile = join(folder, `${name}.pem`);
  const keyFile = join(folder, `${name}-key.pem`);
  const issuer = authority ? ["-CA", authority.certificateFile, "-CAkey", authority.keyFile] : [];
  const constraint = authority
    ? ["-addext", `basicConstraints=critical,CA:${isAuthority ? "TRUE" : "FALSE"}`]
    : [];
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const files = ["-keyout", keyFile, "-out", certificateFile];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=${names}`];
  execFileSync("openssl", [...args, ...files, ...issuer, ...constraint, ...subject, "-days", String(days)], {
    stdio: "pipe",
  });
  return { certificateFile, keyFile, caFile: authority?.certificateFile ?? certificateFile };
}

/** What of a private key would show that it leaked: a line of its middle. */
export function middleOfKey({ keyFile }: Pick<TestCertificate, "keyFile">): string {
  const lines = readFileSync(keyFile, "utf8").trim().split("\n");
  return lines[Math.floor(lines.length / 2)] ?? "";
}

/** SHA-256 of the certificate that is served on a port of the loopback, whoever verifies it. */
export function servedFingerprint(port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}
