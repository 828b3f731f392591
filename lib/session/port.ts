import { createServer } from "node:net";
import { UserError } from "../core/errors";
import { programOnPort } from "../host/port-owner";
import { containerHost, type DeployContext } from "./context";
import { publishedContainers, wayToUse } from "./detect-vault";

/**
 * Checks that nothing else listens on the port of Vault's container.
 * @param port the port on 127.0.0.1. @default the declared one
 * @throws UserError if the port is taken; it names the program, if that can be found
 */
export async function requireFreePort(context: DeployContext, port = context.deployment.port): Promise<void> {
  if (context.deployment.external || (await isFree(port))) return;
  const containers = await publishedContainers(containerHost(context).engine.api);
  const container = containers.find(({ ports }) => ports.includes(port))?.name;
  const owner = container ? `the container ${container}` : programOnPort(port);
  throw new UserError({
    problem: `Port ${port} on 127.0.0.1 is taken, and Vault needs it.`,
    got: owner ?? "a program of another user, whose name is not readable",
    expected: "a free port",
    fix: [
      `Stop it, or choose another port by \`vault.port\` in the settings. \`sudo ss -ltnp 'sport = :${port}'\` names it.`,
      ...(await wayToUse(port, container)),
    ].join("\n"),
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
