import { createReadStream, createWriteStream, mkdirSync, readFileSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import archiver from "archiver";
import { openBundle, partFile } from "../../../lib/bundle/bundle";
import { providerParts } from "../../../lib/bundle/bundle-mirror";
import { bundleParts } from "../../../lib/bundle/bundle-parts";
import { sha256OfFile } from "../../../lib/core/fingerprint";
import { makeCertificate } from "../../support/certificate";

/** What a mirror does instead of its work. */
export type MirrorFault =
  | "hangs"
  | "status 503"
  | "package of other bytes"
  | "half of a package"
  | "package hangs halfway";

/** The bundle's providers by Terraform's network mirror protocol, on HTTPS of the loopback, that can be told to fail. */
export class ProviderMirror {
  fault: MirrorFault | undefined;
  /** What was asked for. */
  readonly asked: string[] = [];
  /** Whom a client is to trust. */
  readonly caFile: string;
  readonly url = "https://localhost:8443/mirror/";
  private readonly server: Server;
  private readonly archives = new Map<string, { readonly file: string; readonly sum: string }>();

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    const { certificateFile, keyFile, caFile } = makeCertificate(folder, "mirror");
    this.caFile = caFile;
    this.server = createServer(
      { cert: readFileSync(certificateFile), key: readFileSync(keyFile) },
      (call, answer) => this.answer(call, answer),
    );
  }

  async start(): Promise<void> {
    for (const [source, part] of Object.entries(providerParts)) {
      const file = join(this.folder, `${part}.zip`);
      const archive = archiver("zip", { store: true });
      archive.file(partFile(openBundle(), part), { name: bundleParts[part].file, mode: 0o755 });
      await Promise.all([archive.finalize(), pipeline(archive, createWriteStream(file))]);
      this.archives.set(source, { file, sum: await sha256OfFile(file) });
    }
    await new Promise<void>((resolve) => this.server.listen(8443, "127.0.0.1", resolve));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(call: IncomingMessage, answer: ServerResponse): void {
    const path = call.url ?? "";
    this.asked.push(path);
    if (this.fault === "hangs") return;
    const [, source = "", name = ""] = /^\/mirror\/[^/]+\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
    const archive = this.archives.get(source);
    const part = providerParts[source];
    if (this.fault === "status 503" || !archive || !part) {
      answer.writeHead(archive ? 503 : 404).end();
      return;
    }
    const { version } = bundleParts[part];
    const { os, arch } = openBundle().platform;
    if (name === "index.json") this.json(answer, { versions: { [version]: {} } });
    else if (name === `${version}.json`) {
      const package_ = { url: "package.zip", hashes: [`zh:${archive.sum}`] };
      this.json(answer, { archives: { [`${os}_${arch}`]: package_ } });
    } else this.sendPackage(answer, archive.file);
  }

  private json(answer: ServerResponse, body: object): void {
    answer.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  }

  private sendPackage(answer: ServerResponse, file: string): void {
    const { size } = statSync(file);
    answer.writeHead(200, { "Content-Type": "application/zip", "Content-Length": size });
    const half = { end: Math.floor(size / 2) };
    switch (this.fault) {
      case "half of a package":
        createReadStream(file, half)
          .on("end", () => answer.destroy())
          .pipe(answer, { end: false });
        return;
      case "package hangs halfway":
        createReadStream(file, half).pipe(answer, { end: false });
        return;
      case "package of other bytes": {
        const bytes = readFileSync(file);
        bytes[half.end] = (bytes[half.end] ?? 0) ^ 1;
        answer.end(bytes);
        return;
      }
      default:
        createReadStream(file).pipe(answer);
    }
  }
}
