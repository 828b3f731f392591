import { execute } from "../../docker/engine-exec";
import { instanceLabel } from "../../model/instance-label";
import { namesAt } from "../../model/vault/vault-names";
import { fail, pass, skip } from "../../report/finding";
import { readInstance } from "../../store/home";
import type { Check } from "../check";
import { warningsOf } from "../warnings";

const warn = warningsOf("docker.exec");

/** The command of the setup guide, section 2.13, as it runs in the container. */
const read = ["vault", "kv", "get", "-field=api_key"];

export const guideCommand: Check = {
  id: "docker.exec",
  why: "The setup guide verifies the stored key with this command, and people do the same.",
  needs: ["secret.present"],
  async run(context) {
    const { engine, home, parameters } = context;
    const { external } = parameters;
    const container = external ? external.container : parameters.container;
    if (!container) return skip("the settings name no container for this Vault (`vault.container`)");
    const command = [...read, namesAt({ external }).keyPath];
    const shown = `docker exec ${container} ${command.join(" ")}`;
    const { key } = await context.secret();
    if (!engine)
      return fail("No Docker Engine is reachable, so the command was not run", "openclaw-openrouter doctor");
    const found = await engine.inspectContainer(container);
    const isOurs = found?.Config.Labels?.[instanceLabel] === readInstance(home.root)?.id;
    if (!found || !(isOurs || external))
      return fail(
        found ? `The container ${container} is not this instance's` : `There is no container ${container}`,
        external
          ? "Set `vault.container` in the settings to the name of the container that Vault runs in."
          : "openclaw-openrouter up",
      );
    const { exitCode, stdout, stderr } = await execute(engine, found.Id, command);
    const ends = `\`${shown}\` ends with ${exitCode}`;
    // No deploy sets up an external Vault's container: the command uses whatever token its owner left there.
    if (exitCode !== 0 && external)
      return warn(
        "refused",
        `${ends}: ${lastLine(stderr)}`,
        `The command uses the container's own address and token: docker exec -it ${container} vault login`,
      );
    if (exitCode !== 0)
      return fail(`${ends}: ${stderr.trim().split("\n")[0] ?? ""}`, "openclaw-openrouter vault unseal");
    if (stdout.replace(/\n$/, "") !== key)
      return fail(
        `\`${shown}\` gives something other than the stored key`,
        `See which address and token the command uses: docker exec ${container} env`,
      );
    return { ...pass("the setup guide's `docker exec` command gives the key"), details: [shown] };
  },
};

/** The last line of an error output: Vault prints its message after the address. */
function lastLine(text: string): string {
  const last = text.trim().split("\n").at(-1) ?? "";
  return last.replace(/^[\s*]+/, "");
}
