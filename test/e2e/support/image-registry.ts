import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { until } from "./host";

/** What a registry of images does instead of its work. */
export type RegistryFault =
  | "hangs"
  | "status 503"
  | "layer hangs halfway"
  | "layer of other bytes"
  | "half of a layer";

/** A real registry of images, Debian's, on a port of the loopback, and one before it that can be told to fail. */
export class ImageRegistry {
  readonly address = "127.0.0.1:5000";
  readonly faultyAddress = "127.0.0.1:5001";
  fault: RegistryFault | undefined;
  private readonly server: Server;
  private child: ChildProcess | undefined;

  /** @param debian the files of Debian's package `docker-registry` */
  constructor(
    private readonly debian: string,
    private readonly folder: string,
  ) {
    this.server = createServer((call, answer) => this.hand(call, answer));
  }

  async start(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    const config = join(this.folder, "config.json");
    // YAML takes JSON.
    writeFileSync(
      config,
      JSON.stringify({
        version: 0.1,
        storage: { filesystem: { rootdirectory: join(this.folder, "data") } },
        http: { addr: this.address },
      }),
    );
    const child = spawn(join(this.debian, "usr/bin/docker-registry"), ["serve", config]);
    this.child = child;
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    child.stdout.resume();
    const [host = "", port = ""] = this.faultyAddress.split(":");
    await new Promise<void>((resolve) => this.server.listen(Number(port), host, resolve));
    let ready = false;
    const look = () =>
      request(`http://${this.address}/v2/`, () => {
        ready = true;
      })
        .on("error", () => {})
        .end();
    await until(() => {
      look();
      return ready;
    }, `the registry:\n${said}`);
  }

  stop(): void {
    this.child?.kill();
    this.server.closeAllConnections();
    this.server.close();
  }

  private hand(call: IncomingMessage, answer: ServerResponse): void {
    if (this.fault === "hangs") return;
    if (this.fault === "status 503") {
      answer.writeHead(503).end("out of order");
      return;
    }
    const on = request(`http://${this.address}${call.url}`, { method: call.method, headers: call.headers });
    on.on("response", (response) => {
      answer.writeHead(response.statusCode ?? 0, response.headers);
      const length = Number(response.headers["content-length"] ?? 0);
      // Layers are the large ones; manifest and configuration are small.
      if (this.fault === undefined || length < 1_000_000) response.pipe(answer);
      else this.spoil(response, answer, length);
    });
    call.pipe(on);
  }

  private spoil(response: IncomingMessage, answer: ServerResponse, length: number): void {
    let sent = 0;
    response.on("data", (chunk: Buffer) => {
      if (this.fault === "layer of other bytes") {
        if (sent === 0) chunk[chunk.length - 1] = (chunk[chunk.length - 1] ?? 0) ^ 1;
        answer.write(chunk);
      } else if (sent < length / 2) {
        answer.write(chunk);
      } else if (this.fault === "half of a layer") {
        answer.destroy();
      }
      sent += chunk.length;
    });
    response.on("end", () => {
      if (this.fault === "layer of other bytes") answer.end();
    });
  }
}
