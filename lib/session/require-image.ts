import { loopbackWarning } from "../docker/engine";
import { programOf } from "../docker/image-program";
import { endlessWarning, requireSupported } from "../model/vault-version";
import { hostRecord } from "../store/host-record";
import { containerHost, type DeployContext } from "./context";

/**
 * Checks that the image contains a supported Vault, before a container is created from it, and records the program in it.
 * @returns warnings about it
 * @throws UserError if it does not
 */
export async function requireSupportedImage(context: DeployContext): Promise<string[]> {
  const { deployment, host } = context;
  if (deployment.external) return [];
  const { engine, image } = containerHost(context);
  const record = hostRecord.read(deployment.home) ?? {};
  const program = await programOf(engine.api, image.reference, record.program);
  if (program.id !== record.program?.id) hostRecord.write(deployment.home, { ...record, program });
  requireSupported(program, deployment.settings.vault.image);
  // If the port is closed to the network, only this host's users can reach it.
  const open = loopbackWarning(engine.version);
  const isOpen = open !== undefined && host.warnings.some((warning) => warning.startsWith(open));
  const warning = isOpen ? endlessWarning(program.version) : undefined;
  return warning ? [warning] : [];
}
