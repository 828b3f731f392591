import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { connect } from "node:net";
import { json } from "node:stream/consumers";

type Body = Record<string, unknown>;

/** Changes the JSON of calls to an engine, and of its answers. */
export interface Changes {
  readonly asked?: (path: string, body: Body) => Body;
  readonly answered?: (path: string, body: Body) => Body;
}

/** An engine's API behind another socket, as an engine on another kernel takes and answers it. */
export async function engineProxy(engine: string, socket: string, changes: Changes): Promise<Server> {
  const socketPath = engine.replace("unix://", "");
  const isJson = ({ headers }: IncomingMessage) => headers["content-type"]?.startsWith("application/json");
  const server = createServer(async (call, answer) => {
    const path = (call.url ?? "").replace(/^\/v[\d.]+/, "");
    const { "content-length": _, ...headers } = call.headers;
    const changesCall =
      changes.asked && call.method === "POST" && /^\/containers\/(create|[^/]+\/update)/.test(path);
    const onward = request({
      socketPath,
      method: call.method,
      path: call.url,
      headers: changesCall ? headers : call.headers,
    });
    onward.on("response", async (response) => {
      if (path === "/info" && changes.answered && isJson(response)) {
        const body = changes.answered(path, (await json(response)) as Body);
        answer.writeHead(response.statusCode ?? 0, { "Content-Type": "application/json" });
        answer.end(JSON.stringify(body));
        return;
      }
      answer.writeHead(response.statusCode ?? 0, response.headers);
      response.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    if (changesCall && changes.asked)
      onward.end(JSON.stringify(changes.asked(path, (await json(call)) as Body)));
    else call.pipe(onward);
  });
  // `exec` and `attach` take the connection over.
  server.on("upgrade", (call, client, head) => {
    const onward = connect(socketPath, () => {
      const lines = call.rawHeaders.flatMap((name, index, all) =>
        index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : [],
      );
      onward.write(`${call.method} ${call.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      onward.pipe(client).pipe(onward);
    });
    for (const side of [onward, client]) side.on("error", () => side.destroy());
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return server;
}
