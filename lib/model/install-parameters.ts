import type { Deployment } from "./deployment";
import type { InstallParameters } from "./run-parameters";

/** The parameters of the installer of OpenClaw's files for an instance. */
export function installParametersOf({
  home,
  openclawFolder,
  settings,
  caFile,
}: Deployment): InstallParameters {
  const { user, node } = settings.openclaw;
  return {
    home: home.root,
    folder: openclawFolder,
    ...(user === undefined ? {} : { user }),
    ...(node === undefined ? {} : { node }),
    ...(caFile === undefined ? {} : { caFile }),
  };
}
