import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of its own for a test, removed after it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "host-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A shell script that stands in for a program. */
export function script(path: string, body: string): string {
  write(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** An engine's API on a socket, with what the tests need of it. */
export class FakeEngine {
  readonly images = new Map<string, string>();
  /** The labels of each volume. */
  readonly volumes = new Map<string, Record<string, string>>();
  readonly calls: string[] = [];
  /** Answers pulls: a registry that has the image, one that refuses, one that never answers. */
  registry: "has" | "refuses" | "silent" = "refuses";
  /** A refusing registry's words. */
  refusal = "no such host";
  imported: Buffer | undefined;
  version = "28.1.0";
  dataFolder = "/data";
  limitsMemory = true;
  /** How it answers the import of an image: it takes it, it answers 500, it closes the connection in the middle, it is slow. */
  importing: "takes" | "refuses" | "closes" | "waits" = "takes";
  /** Answered besides, by Podman's service. */
  headers: Record<string, string> = {};
  private server: Server | undefined;

  constructor(
    readonly socket: string,
    readonly id = "ENGINE-ONE",
  ) {}

  async listen(): Promise<this> {
    this.server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://docker");
      this.calls.push(`${request.method} ${url.pathname}`);
      const json = (status: number, body: unknown) => {
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
      };
      const image = /^\/images\/(.+)\/json$/.exec(url.pathname)?.[1];
      if (url.pathname === "/_ping") {
        response.writeHead(200, { "Api-Version": "1.41", ...this.headers }).end("OK");
      } else if (url.pathname === "/info") {
        json(200, {
          ID: this.id,
          ServerVersion: this.version,
          Architecture: "x86_64",
          DockerRootDir: this.dataFolder,
          MemoryLimit: this.limitsMemory,
        });
      } else if (url.pathname.startsWith("/volumes/")) {
        const [name = "", labels] = [url.pathname.slice(9), this.volumes.get(url.pathname.slice(9))];
        if (labels) json(200, { Name: name, Labels: labels, Mountpoint: "/data" });
        else json(404, { message: "no such volume" });
      } else if (image) {
        const id = this.images.get(image);
        if (id) json(200, { Id: id, Config: { Labels: {} } });
        else json(404, { message: `No such image: ${image}` });
      } else if (url.searchParams.has("fromSrc") && this.importing === "refuses") {
        json(500, { message: "no space left on device" });
      } else if (url.searchParams.has("fromSrc") && this.importing === "closes") {
        request.once("data", () => request.socket.destroy());
      } else if (url.searchParams.has("fromSrc") && this.importing === "waits") {
        request.pause();
      } else if (url.searchParams.has("fromSrc")) {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          this.imported = Buffer.concat(chunks);
          this.images.set(
            `${url.searchParams.get("repo")}:${url.searchParams.get("tag")}`,
            "sha256:imported",
          );
          json(200, { status: "sha256:imported" });
        });
      } else if (url.pathname === "/images/create") {
        const wanted = url.searchParams.get("fromImage") ?? "";
        if (this.registry === "silent") return;
        if (this.registry === "refuses") return json(500, { message: this.refusal });
        this.images.set(wanted, "sha256:pulled");
        response.write('{"status":"Pulling"}\n');
        response.write(
          '{"status":"Downloading","id":"a","progressDetail":{"current":2000000,"total":8000000}}\n',
        );
        response.end('{"status":"Done"}\n');
      } else {
        json(404, { message: "page not found" });
      }
    });
    await new Promise<void>((resolve) => this.server?.listen(this.socket, resolve));
    return this;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}

/** The message of what a call throws. */
export async function failure(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("It was to throw and did not.");
}
