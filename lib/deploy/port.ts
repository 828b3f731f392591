import { createServer } from "node:net";
import { z } from "zod";
import { UserError } from "../errors";
import { programOnPort } from "../host/port-owner";
import type { DeployContext } from "./context";

const containers = z.array(
  z.object({
    Names: z.array(z.string()),
    Ports: z.array(z.object({ PublicPort: z.int().optional() })).default([]),
  }),
);

/**
 * Sees that nothing else listens where Vault's container will be published.
 * @throws UserError that names who does, where it can be told
 */
export async function requireFreePort({ deployment, host }: DeployContext): Promise<void> {
  const { port } = deployment;
  if (await isFree(port)) return;
  const list = containers.parse(await host.engine.api.call("GET", "/containers/json"));
  const container = list.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === port))?.Names[0];
  const owner = container ? `the container ${container.replace(/^\//, "")}` : programOnPort(port);
  throw new UserError({
    problem: `Port ${port} on 127.0.0.1 is taken, and Vault is to be reached there.`,
    got: owner ?? "a program of another user, which cannot be told from here",
    expected: "a free port",
    remedy: `Stop it, or choose another port by \`vault.port\` in the settings. \`sudo ss -ltnp 'sport = :${port}'\` names it.`,
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
