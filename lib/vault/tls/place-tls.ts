import { X509Certificate } from "node:crypto";
import { UserError } from "../../core/errors";
import { poll } from "../../core/poll";
import { containerPath, type EngineApi, ifStatus } from "../../docker/engine-api";
import { type HomeFile, writeHomeFiles } from "../../docker/home-files";
import { runningContainer } from "../../docker/ours";
import { servesTls } from "../../model/vault/vault-config";
import { servedCertificate } from "./served-certificate";
import { readTlsFiles, type TlsPaths } from "./tls-files";

/** The timeout for Vault to serve a new certificate, in milliseconds; it usually takes a few. */
const timeout = 15_000;

/** An instance's own Vault that serves TLS. */
interface TlsServer {
  readonly instanceId: string;
  readonly container: string;
  /** Port on 127.0.0.1. */
  readonly port: number;
  readonly tls: TlsPaths;
}

/**
 * The files on the home volume for TLS.
 * @throws UserError if the files would not work
 */
export function tlsHomeFiles(paths: TlsPaths): HomeFile[] {
  const { certificate, key, ca } = readTlsFiles(paths);
  return [
    { name: "tls/", content: "", mode: 0o700 },
    { name: "tls/certificate.pem", content: certificate, mode: 0o600 },
    { name: "tls/key.pem", content: key, mode: 0o600 },
    { name: "tls/ca.pem", content: ca, mode: 0o600 },
  ];
}

/**
 * Makes the instance's running Vault serve the certificate in its files, without a restart. Does nothing if it does not run or
 * serves plain HTTP.
 * @returns whether Vault was made to read the certificate again
 * @throws UserError if the files would not work, or Vault does not serve them
 */
export async function serveCertificate(engine: EngineApi, server: TlsServer): Promise<boolean> {
  if (!(await isServing(engine, server))) return false;
  const files = tlsHomeFiles(server.tls);
  await writeHomeFiles(engine, server.container, files);
  if (!(await reload(engine, server.container))) return false;
  await waitUntilServed(engine, server);
  return true;
}

/** Whether Vault serves another certificate than the one in its files. Undefined if nothing answers by TLS. */
export async function servesAnother({ port, tls }: TlsServer): Promise<boolean | undefined> {
  const served = await servedCertificate("127.0.0.1", port);
  return (
    served && served.fingerprint256 !== new X509Certificate(readTlsFiles(tls).certificate).fingerprint256
  );
}

/** Makes Vault read its certificate again. @returns false if the container no longer runs */
function reload(engine: EngineApi, container: string): Promise<boolean> {
  return engine.call("POST", `${containerPath(container)}/kill?signal=HUP`).then(
    () => true,
    // It was stopped meanwhile, for example by Terraform to replace it: the next one starts with the new files.
    ifStatus([404, 409], () => false),
  );
}

async function isServing(engine: EngineApi, { container, instanceId }: TlsServer): Promise<boolean> {
  const running = await runningContainer(engine, container, instanceId);
  return running !== undefined && servesTls(running.Config.Env);
}

async function waitUntilServed(engine: EngineApi, server: TlsServer): Promise<void> {
  const isDone = async () =>
    (await servesAnother(server)) === false || !(await isServing(engine, server)) || undefined;
  if (await poll(isDone, { every: 50, timeout })) return;
  throw new UserError({
    problem: `Vault in the container ${server.container} still serves another certificate.`,
    expected: `that of ${server.tls.certificateFile}`,
    fix: `See its log: docker logs ${server.container}`,
  });
}
