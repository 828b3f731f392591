import { loopbackWarning } from "../docker/engine";
import { programOf } from "../docker/image-program";
import { endlessWarning, requireSupported } from "../model/vault-version";
import { hostRecord } from "../store/host-record";
import { containerHost, type DeployContext } from "./context";

/**
 * Sees, before a container is made of it, that the image holds a Vault that this program works with, and remembers what it holds.
 * @returns warnings about it
 * @throws UserError where it does not
 */
export async function requireSupportedImage(context: DeployContext): Promise<string[]> {
  const { deployment, host } = context;
  if (deployment.external) return [];
  const { engine, image } = containerHost(context);
  const record = hostRecord.read(deployment.home) ?? {};
  const program = await programOf(engine.api, image.reference, record.program);
  if (program.id !== record.program?.id) hostRecord.write(deployment.home, { ...record, program });
  requireSupported(program, deployment.settings.vault.image);
  // Where the port is closed to the network, that is this host's users' alone.
  const open = loopbackWarning(engine.version);
  const isOpen = open !== undefined && host.warnings.some((warning) => warning.startsWith(open));
  const warning = isOpen ? endlessWarning(program.version) : undefined;
  return warning ? [warning] : [];
}
