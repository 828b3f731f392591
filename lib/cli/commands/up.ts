import { defineCommand } from "../define-command";
import { upOptions } from "../options/up-options";

/** `up` (`npm start`). */
export const register = define("up", "install what is missing on the host, deploy, and check (npm start)");

/** `deploy`, which does the same with the CDKTF CLI. */
export const registerDeploy = define(
  "deploy",
  "deploy and check as `up` does, with the CDKTF CLI: cdktf deploy '*'",
);

function define(name: "up" | "deploy", summary: string) {
  return defineCommand({
    name,
    summary,
    options: [upOptions],
    help: `A first run asks for the key at a terminal. Without a key, and with nothing
deployed yet, it deploys the instance \`sandbox\`, which costs nothing.`,
    reads: ["OPENCLAW_OPENROUTER_INSTALL", "OPENCLAW_OPENROUTER_PUBLIC"],
    run: async ({ options }) => {
      const { upOrDeploy } = await import("../runs/up");
      return upOrDeploy(name, options);
    },
  });
}
