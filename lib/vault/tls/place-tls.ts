import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { UserError } from "../../core/errors";
import { type EngineApi, EngineError } from "../../docker/engine-api";
import type { HomeFile } from "../../docker/home-files";
import { writeHomeFiles } from "../../docker/home-files";
import { runningContainer } from "../../docker/running-container";
import { servesTls } from "../../model/vault-config";
import { readTlsFiles, type TlsPaths } from "./tls-files";

/** How long Vault may take to serve a new certificate, in milliseconds; a few are usual. */
const timeout = 15_000;

/** A Vault of an instance's own that serves TLS. */
export interface TlsServer {
  readonly instanceId: string;
  readonly container: string;
  /** Port on 127.0.0.1. */
  readonly port: number;
  readonly tls: TlsPaths;
}

/**
 * What is put onto the home volume for TLS.
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
 * Has the instance's running Vault serve the certificate of its files, without a restart. Does nothing if it serves that one,
 * does not run, or serves plain HTTP.
 * @returns whether it serves another one than before
 * @throws UserError if the files would not work, or Vault does not take them up
 */
export async function serveCertificate(engine: EngineApi, server: TlsServer): Promise<boolean> {
  if (!(await isServing(engine, server))) return false;
  const files = tlsHomeFiles(server.tls);
  await writeHomeFiles(engine, server.container, files);
  if (!(await reload(engine, server.container))) return false;
  await waitUntilServed(engine, server);
  return true;
}

/** Whether Vault serves another certificate than that of its files. Undefined if nothing answers by TLS. */
export async function servesAnother({ port, tls }: TlsServer): Promise<boolean | undefined> {
  const served = await servedFingerprint(port);
  return served === undefined ? undefined : served !== fingerprintOf(tls);
}

function fingerprintOf(tls: TlsPaths): string {
  return new X509Certificate(readTlsFiles(tls).certificate).fingerprint256;
}

/** Makes Vault read its certificate again. @returns false if the container does not run any more */
async function reload(engine: EngineApi, container: string): Promise<boolean> {
  try {
    await engine.call("POST", `/containers/${encodeURIComponent(container)}/kill?signal=HUP`);
    return true;
  } catch (error) {
    // It was stopped meanwhile, as by Terraform that replaces it: the next one starts with the new files.
    if (error instanceof EngineError && (error.status === 404 || error.status === 409)) return false;
    throw error;
  }
}

async function isServing(engine: EngineApi, { container, instanceId }: TlsServer): Promise<boolean> {
  const running = await runningContainer(engine, container, instanceId);
  return running !== undefined && servesTls(running.Config.Env);
}

async function waitUntilServed(engine: EngineApi, server: TlsServer): Promise<void> {
  const deadline = Date.now() + timeout;
  while ((await servesAnother(server)) !== false) {
    if (!(await isServing(engine, server))) return;
    if (Date.now() > deadline) {
      throw new UserError({
        problem: `Vault in the container ${server.container} still serves another certificate.`,
        expected: `that of ${server.tls.certificateFile}`,
        fix: `See why: docker logs ${server.container}`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The certificate that is served, whoever signed it; undefined if nothing answers by TLS. */
function servedFingerprint(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = {
      ...{ host: "127.0.0.1", port, timeout: 2_000 },
      // Any certificate is looked at. Without an empty list Node would load all the CAs that it knows, which takes it 20 ms.
      ...{ rejectUnauthorized: false, ca: [] },
    };
    const socket = connect(options, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256);
      socket.destroy();
    });
    const nothing = () => {
      resolve(undefined);
      socket.destroy();
    };
    socket.on("error", nothing).on("timeout", nothing);
  });
}
