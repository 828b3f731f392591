import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { TestCertificate } from "../../support/certificate";

/** The uid of the other local user: nobody. */
export const stranger = 65534;

/**
 * What the other user runs on Vault's port: answers plain HTTP and TLS as a Vault would, and tells all that it is sent. Plain
 * JavaScript by `-e`, since that user may read no file of the tests.
 */
const source = `
const net = require("node:net"), tls = require("node:tls"), http = require("node:http");
const { port, sealed, initialized, cert, key } = JSON.parse(process.env.SQUATTER);
const tell = (text) => process.stdout.write(JSON.stringify(text) + "\\n");
const web = http.createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk)).on("end", () => {
    tell([request.method, request.url, JSON.stringify(request.headers), body].join(" "));
    const path = (request.url || "").replace(/^\\/v1\\//, "").replace(/\\?.*/, "");
    const seal = { type: "shamir", initialized, sealed, t: 3, n: 5, progress: 0, version: "1.21.2", cluster_id: "x", storage_type: "raft" };
    const answers = {
      "sys/seal-status": seal, "sys/unseal": { ...seal, sealed: true }, "sys/health": { ...seal, standby: false },
      "auth/approle/login": { auth: { client_token: "hvs.stranger", lease_duration: 60 } },
      "sys/init": { keys: [1, 2, 3, 4, 5].map(String), keys_base64: [1, 2, 3, 4, 5].map((n) => btoa("share of the stranger " + n)), root_token: "hvs.of-the-stranger" },
      "sys/generate-root/attempt": { nonce: "n", otp: "o", complete: false },
    };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answers[path] || { data: {} }));
  });
});
const raw = (socket) => socket.on("data", (chunk) => tell(chunk.toString("latin1")));
const secure = tls.createServer({ cert, key }, (socket) => web.emit("connection", socket));
secure.on("tlsClientError", () => {});
net.createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (first) => {
    socket.pause();
    socket.unshift(first);
    if (first[0] === 22) secure.emit("connection", socket);
    else { web.emit("connection", socket); tell("plain " + first.toString("latin1")); }
    process.nextTick(() => socket.resume());
  });
}).listen(port, "127.0.0.1", () => tell("listening"));
`;

/** A program of another local user on a port of the loopback. */
export class Squatter {
  private child: ChildProcess | undefined;
  /** All that it was sent. */
  readonly heard: string[] = [];

  constructor(
    private readonly port: number,
    /** Self-signed, for the port's own address: what anybody can make. */
    private readonly certificate: TestCertificate,
  ) {}

  /**
   * @param sealed what it says of itself
   * @param initialized the same
   */
  async start(sealed: boolean, initialized = true): Promise<void> {
    const cert = readFileSync(this.certificate.certificateFile, "utf8");
    const key = readFileSync(this.certificate.keyFile, "utf8");
    const child = spawn(process.execPath, ["-e", source], {
      uid: stranger,
      gid: stranger,
      cwd: "/",
      env: { SQUATTER: JSON.stringify({ port: this.port, sealed, initialized, cert, key }) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the squatter ended with ${code}`)));
      createInterface({ input: child.stdout! }).on("line", (line) => {
        this.heard.push(JSON.parse(line));
        if (line === '"listening"') resolve();
      });
    });
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (!child) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    this.child = undefined;
  }
}
