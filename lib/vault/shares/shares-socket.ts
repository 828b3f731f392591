import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { UserError } from "../../core/errors";
import { withSocketFolder } from "../../core/files/temporary-folder";
import type { AskForShares } from "../bootstrap";

/**
 * The variable with the path of the socket by which a step of Terraform asks the command that runs Terraform for shares. The
 * socket is in a folder that only this user can enter, so the shares are in no file, no environment and no argument list.
 */
export const sharesSocketVariable = "OPENCLAW_OPENROUTER_SHARES_DESK";

const question = z.object({ threshold: z.int().min(1) });
const answer = z.union([
  z.object({ shares: z.array(z.string()), threshold: z.int() }),
  z.object({ problem: z.string() }),
]);

/** Answers questions at the socket while `work` runs. */
export function withSharesSocket<T>(ask: AskForShares, work: (desk: string) => Promise<T>): Promise<T> {
  return withSocketFolder("shares", async (folder) => {
    const desk = join(folder, "desk");
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      serve(socket, ask).catch((error: Error) => socket.end(JSON.stringify({ problem: error.message })));
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject).listen(desk, resolve);
      });
      return await work(desk);
    } finally {
      server.close();
    }
  });
}

async function serve(socket: Socket, ask: AskForShares): Promise<void> {
  const { threshold } = question.parse(JSON.parse(await asked(socket)));
  socket.end(JSON.stringify(await ask(threshold)));
}

/** The text of a question. It does not use `text` of node:stream/consumers, which closes the socket before it is answered. */
function asked(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let question = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      question += chunk;
    });
    socket.once("end", () => resolve(question));
  });
}

/** Asks for shares at the socket. @returns undefined if no command serves one */
export function askBySocket(environment: NodeJS.ProcessEnv = process.env): AskForShares | undefined {
  const desk = environment[sharesSocketVariable];
  if (!desk) return undefined;
  return async (threshold) => {
    const socket = connect({ path: desk, allowHalfOpen: true });
    socket.end(JSON.stringify({ threshold }));
    const given = answer.parse(JSON.parse(await text(socket)));
    if ("problem" in given) throw new UserError({ problem: given.problem });
    return given;
  };
}
