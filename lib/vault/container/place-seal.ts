import { UserError } from "../../core/errors";
import { isPlainHttp } from "../../core/network/loopback";
import type { Progress } from "../../core/progress";
import type { EngineApi } from "../../docker/engine-api";
import { withEphemeral } from "../../docker/ephemeral";
import {
  type HomeFile,
  homeFolder,
  readHomeFiles,
  vaultUserName,
  writeHomeFiles,
} from "../../docker/home-files";
import { runningContainer } from "../../docker/ours";
import type { PlaceSealParameters } from "../../model/run-parameters";
import { sealConfig, sealFileInContainer, sealFolder, unsealsItself } from "../../model/vault/seal";
import { VaultClient } from "../client";
import { readNamedFile } from "../read-named-file";
import { waitForVault, waitUntilActive } from "../wait";

/**
 * Writes a seal's configuration, with its credentials, to the container's home volume, even before a container exists. A Vault
 * that runs with another configuration or credential is restarted: it reads them only at its start, and unseals itself then.
 * @throws UserError if a file of credentials cannot be read
 */
export async function placeSeal(
  parameters: PlaceSealParameters,
  engine: EngineApi,
  progress: Progress,
): Promise<void> {
  const { seal, image, homeVolume } = parameters;
  const files = readSealFiles(seal);
  progress(`placing the configuration of the seal ${seal.type} on the volume ${homeVolume}`);
  const place = { image, mounts: [{ volume: homeVolume, target: homeFolder }], user: vaultUserName };
  const isRestarted = await withEphemeral(engine, place, async (id) => {
    const names = files.map(({ name }) => name);
    const before = await readHomeFiles(engine, id, names);
    const isChanged = files.some(({ name, content }) => before.get(name)?.content !== content);
    const restarts = isChanged && (await isRunningWithIt(parameters, engine));
    if (restarts) {
      progress("restarting Vault with it");
      // Before the files are written: a killed run leaves no Vault that runs with other files than the volume has.
      await engine.stopContainer(parameters.container);
    }
    try {
      await writeHomeFiles(engine, id, files);
    } finally {
      if (restarts) await engine.startContainer(parameters.container);
    }
    return restarts;
  });
  if (!isRestarted) return;
  const vault = VaultClient.at(parameters);
  await waitForVault(vault);
  await waitUntilActive(vault);
}

/**
 * The files on the home volume for a seal, with its credentials, the configuration last.
 * @throws UserError if a file that the seal names cannot be read
 */
export function readSealFiles({ type, options, secrets, files }: PlaceSealParameters["seal"]): HomeFile[] {
  const plain = Object.entries(options).find(([, value]) => isPlainHttp(value));
  if (plain) throw unencrypted(type, plain);
  const placed = Object.entries(files).map(([option, path]) => ({ option, content: read(path) }));
  const all = {
    ...options,
    ...Object.fromEntries(Object.entries(secrets).map(([option, path]) => [option, readSecret(path)])),
    ...Object.fromEntries(placed.map(({ option }) => [option, sealFileInContainer(option)])),
  };
  return [
    { name: `${sealFolder}/`, content: "", mode: 0o700 },
    ...placed.map(({ option, content }) => ({ name: `${sealFolder}/${option}`, content, mode: 0o600 })),
    { name: `${sealFolder}/seal.json`, content: sealConfig(type, all), mode: 0o600 },
  ];
}

/** Constructs accept any options, since the rules of the settings do not apply to them. */
function unencrypted(type: string, [option, got]: readonly [string, string]): UserError {
  return new UserError({
    problem: `The credentials of the seal ${type} would leave this host unencrypted. Nothing was placed.`,
    got: `${option}: ${got}`,
    expected: "https, unless the address is on this host (127.0.0.1, localhost, [::1])",
    fix: "Configure TLS in that service, and set its https address, with `caFile` if no public CA issued its certificate.",
  });
}

function readSecret(path: string): string {
  const secret = read(path).trim();
  if (/^\S+$/.test(secret)) return secret;
  throw new UserError({
    problem: `${path} does not hold one secret for the seal.`,
    got: secret === "" ? "an empty file" : "several words",
    expected: "the token or secret alone, on one line",
  });
}

const read = (path: string) => readNamedFile(path, "unseal itself", "vault.seal");

async function isRunningWithIt(
  { container, instanceId }: PlaceSealParameters,
  engine: EngineApi,
): Promise<boolean> {
  const running = await runningContainer(engine, container, instanceId);
  return running !== undefined && unsealsItself(running.Config.Cmd);
}
