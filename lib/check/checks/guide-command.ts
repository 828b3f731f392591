import { execute } from "../../host/engine-exec";
import { readInstance } from "../../instance/home";
import { instanceLabel } from "../../model/instance-label";
import { type Check, fail } from "../check";

/** The command of the guide's section 2.13, as it is run in the container. */
const command = ["vault", "kv", "get", "-field=api_key", "secret/openrouter"];

export const guideCommand: Check = {
  id: "guide.command",
  why: "The setup guide verifies the stored key by this command, and so do people.",
  needs: ["secret.present"],
  async run(context) {
    const { container } = context.parameters;
    const shown = `docker exec ${container} ${command.join(" ")}`;
    const { key } = await context.secret();
    if (!context.engine)
      return fail("No Docker Engine can be reached, so it was not tried", "npx openclaw-openrouter doctor");
    const found = await context.engine.inspectContainer(container);
    if (!found || found.Config.Labels?.[instanceLabel] !== readInstance(context.home.root)?.id) {
      return fail(
        found ? `The container ${container} is not this instance's` : `There is no container ${container}`,
        `npx openclaw-openrouter up`,
      );
    }
    const { exitCode, stdout, stderr } = await execute(context.engine, found.Id, command);
    if (exitCode !== 0) {
      return fail(
        `\`${shown}\` ends with ${exitCode}: ${stderr.trim().split("\n")[0] ?? ""}`,
        "npx openclaw-openrouter unseal",
      );
    }
    if (stdout.replace(/\n$/, "") === key)
      return { status: "pass", seen: "the guide's `docker exec` command gives the key", details: [shown] };
    return fail(
      `\`${shown}\` gives something other than the stored key`,
      `See which address and token it uses: docker exec ${container} env`,
    );
  },
};
