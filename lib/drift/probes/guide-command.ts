import { homeFolder } from "../../docker/home-files";
import { readCredential } from "../../store/credentials";
import { tokenHelperFiles } from "../../vault/token-helper";
import { drift, ProbeSkipped } from "../finding";
import { differingFiles } from "../home-volume";
import type { Probe } from "../probe";

/** Compares the files in the container's home that let the setup guide's `docker exec vault vault kv get` read the key. */
export const guideCommand: Probe = {
  id: "docker.exec",
  managedOnly: true,
  async inspect(context) {
    const reader = readCredential(context.home, "reader");
    if (!reader) throw new ProbeSkipped("the reader has no credentials on this host");
    return (await differingFiles(context, tokenHelperFiles(reader))).map(({ name, expected, actual }) =>
      drift({
        id: `docker.exec.${name}`,
        severity: "major",
        subject: `${homeFolder}/${name} in the container`,
        summary: "The setup guide's `docker exec` command can fail to give the key",
        expected,
        actual,
      }),
    );
  },
};
