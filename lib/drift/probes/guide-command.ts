import { readCredential } from "../../store/credentials";
import { tokenHelperFiles } from "../../vault/container/token-helper";
import { ProbeSkipped } from "../finding";
import { inspectHomeFiles } from "../home-volume";
import { managedProbe } from "../probe";

/** Compares the files in the container's home that let the setup guide's `docker exec vault vault kv get` read the key. */
export const guideCommand = managedProbe("docker.exec", (context) => {
  const reader = readCredential(context.home, "reader");
  if (!reader) throw new ProbeSkipped("the reader has no credentials on this host");
  return inspectHomeFiles(context, tokenHelperFiles(reader), {
    id: "docker.exec",
    severity: "major",
    summary: "The setup guide's `docker exec` command can fail to give the key",
  });
});
