import { Argument } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { defineCommand } from "../define-command";
import { instanceOptions } from "../options/options";

/** `alerts test`: sends a test message. */
export const register = defineCommand({
  name: "test",
  summary: "send a test message to every receiver, or to the named one",
  arguments: [new Argument("[name]", "its name in `alerts list`")],
  options: [instanceOptions],
  needs: "deployed",
  uses: ["network"],
  onJoined: true,
  run: async ({ deployment, command }) => {
    const { testChannels } = await import("../../operations/alerts/manage");
    const tested = await testChannels(deployment, command.processedArgs[0]);
    const lines = tested.map(({ name, delivery }) =>
      delivery.result === "delivered" ? `✔ ${name} has taken it` : `✖ ${name}: ${delivery.answer}`,
    );
    const isGood = tested.every(({ delivery }) => delivery.result === "delivered");
    return {
      json: { tested: tested.map(({ name, delivery }) => ({ name, ...delivery })) },
      text: lines.join("\n"),
      code: isGood ? ExitCode.Ok : ExitCode.Failed,
    };
  },
});
