import { homeFolder } from "../../docker/home-files";
import { readCredential } from "../../store/credentials";
import { tokenHelperFiles } from "../../vault/token-helper";
import { drift, ProbeSkipped } from "../finding";
import { differingFiles } from "../home-volume";
import type { Probe } from "../probe";

/** The files in the container's home by which the setup guide's `docker exec vault vault kv get` reads the key without a token. */
export const guideCommand: Probe = {
  id: "docker.exec",
  managedOnly: true,
  async inspect(context) {
    const reader = readCredential(context.home, "reader");
    if (!reader) throw new ProbeSkipped("the reader has no credentials here");
    return (await differingFiles(context, tokenHelperFiles(reader))).map(({ name, expected, actual }) =>
      drift({
        id: `docker.exec.${name}`,
        severity: "major",
        subject: `${homeFolder}/${name} in the container`,
        summary: "The setup guide's `docker exec` command may not give the key any more",
        expected,
        actual,
      }),
    );
  },
};
