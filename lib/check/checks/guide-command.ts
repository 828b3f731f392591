import { execute } from "../../docker/engine-exec";
import { instanceLabel } from "../../model/instance-label";
import { readInstance } from "../../store/home";
import { type Check, fail, skip, warn } from "../check";

/** The command of the setup guide's section 2.13, as run in the container. */
const command = ["vault", "kv", "get", "-field=api_key", "secret/openrouter"];

export const guideCommand: Check = {
  id: "docker.exec",
  why: "The setup guide verifies the stored key by this command, and so do people.",
  needs: ["secret.present"],
  async run(context) {
    const { external } = context.parameters;
    const container = external ? external.container : context.parameters.container;
    if (!container) return skip("the settings name no container (`vault.container`) that this Vault runs in");
    const shown = `docker exec ${container} ${command.join(" ")}`;
    const { key } = await context.secret();
    if (!context.engine)
      return fail("No Docker Engine can be reached, so it was not tried", "openclaw-openrouter doctor");
    const found = await context.engine.inspectContainer(container);
    const isOurs = found?.Config.Labels?.[instanceLabel] === readInstance(context.home.root)?.id;
    if (!found || !(isOurs || external)) {
      return fail(
        found ? `The container ${container} is not this instance's` : `There is no container ${container}`,
        external
          ? "See that `vault.container` in the settings is the name of the container that Vault runs in."
          : `openclaw-openrouter up`,
      );
    }
    const { exitCode, stdout, stderr } = await execute(context.engine, found.Id, command);
    if (exitCode !== 0) {
      // In its owner's container nothing is set up: the command asks with whatever token he left there.
      if (external) {
        return warn(
          `\`${shown}\` ends with ${exitCode}: ${lastLine(stderr)}`,
          `It asks with its own address and token: docker exec -it ${container} vault login`,
        );
      }
      return fail(
        `\`${shown}\` ends with ${exitCode}: ${stderr.trim().split("\n")[0] ?? ""}`,
        "openclaw-openrouter vault unseal",
      );
    }
    if (stdout.replace(/\n$/, "") === key)
      return {
        status: "pass",
        summary: "the setup guide's `docker exec` command gives the key",
        details: [shown],
      };
    return fail(
      `\`${shown}\` gives something other than the stored key`,
      `See which address and token it uses: docker exec ${container} env`,
    );
  },
};

/** Vault's own words come last, after the address that was asked. */
function lastLine(text: string): string {
  return (
    text
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^[\s*]+/, "") ?? ""
  );
}
