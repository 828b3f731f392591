import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { UserError } from "../errors";
import type { PlaceTlsParameters } from "../model/run-parameters";
import { servesTls } from "../model/vault-config";
import type { Progress } from "../progress";
import type { HomeFile } from "../vault/token-helper";
import { type EngineApi, EngineError } from "./engine-api";
import { homeFolder, vaultUserName, writeHomeFiles } from "./home-files";
import { runningContainer } from "./running-container";
import { withThrowAway } from "./throw-away";
import { readTlsFiles, type TlsPaths } from "./tls-files";

/** How long Vault may take to serve a new certificate, in milliseconds; a few are usual. */
const patience = 15_000;

/**
 * Puts certificate, key and CA onto the container's home volume, which need not have a container yet. One that runs and
 * serves TLS is made to serve the new certificate, without a restart.
 * @throws UserError where the files would not work, or Vault does not take them up
 */
export async function placeTls(
  parameters: PlaceTlsParameters,
  engine: EngineApi,
  progress: Progress,
): Promise<void> {
  const files = tlsHomeFiles(parameters);
  const { image, homeVolume } = parameters;
  progress(`placing the certificate of ${parameters.certificateFile} on the volume ${homeVolume}`);
  const mounts = [{ volume: homeVolume, target: homeFolder }];
  await withThrowAway(engine, { image, mounts, user: vaultUserName }, (id) =>
    writeHomeFiles(engine, id, files),
  );
  if (await reload(parameters, engine)) {
    progress("waiting for Vault to serve it");
    const { certificate } = readTlsFiles(parameters);
    await waitUntilServed(parameters, engine, new X509Certificate(certificate).fingerprint256);
  }
}

/**
 * What is put onto the home volume for TLS.
 * @throws UserError where the files would not work
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

/** Makes Vault read its certificate again. @returns false where none of ours runs that serves TLS */
async function reload(parameters: PlaceTlsParameters, engine: EngineApi): Promise<boolean> {
  if (!(await isServing(parameters, engine))) return false;
  try {
    await engine.call("POST", `/containers/${encodeURIComponent(parameters.container)}/kill?signal=HUP`);
    return true;
  } catch (error) {
    // It was stopped meanwhile, as by Terraform that replaces it: the next one starts with the new files.
    if (error instanceof EngineError && (error.status === 404 || error.status === 409)) return false;
    throw error;
  }
}

async function isServing({ container, instanceId }: PlaceTlsParameters, engine: EngineApi): Promise<boolean> {
  const running = await runningContainer(engine, container, instanceId);
  return running !== undefined && servesTls(running.Config.Env);
}

async function waitUntilServed(
  parameters: PlaceTlsParameters,
  engine: EngineApi,
  fingerprint: string,
): Promise<void> {
  const deadline = Date.now() + patience;
  while ((await servedFingerprint(parameters.port)) !== fingerprint) {
    if (!(await isServing(parameters, engine))) return;
    if (Date.now() > deadline) {
      throw new UserError({
        problem: `Vault in the container ${parameters.container} still serves another certificate.`,
        expected: `that of ${parameters.certificateFile}`,
        remedy: `See why: docker logs ${parameters.container}`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The certificate that is served, whoever vouches for it; undefined where nothing answers by TLS. */
function servedFingerprint(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, timeout: 2_000 }, () => {
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
