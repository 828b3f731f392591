import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { openBundle } from "../../../lib/bundle/bundle";
import { imageToolsFolder } from "../../../lib/bundle/image-tools";
import { openClawCommand } from "../../support/openclaw-client";
import type { TestHost } from "./host";

/** The image, and the user of the official image. */
export const gatewayImage = "openclaw:test";
export const gatewayUser = 1000;

/** Makes an image of npm's packages, with the user and folder of the official one: nothing here has a registry. */
export function makeGatewayImage(host: TestHost, installed: string): void {
  const root = mkdtempSync(join(host.folder, "image-"));
  for (const name of ["usr/bin", "usr/local/bin", "usr/local/lib", "etc", "tmp", "home/node"])
    mkdirSync(join(root, name), { recursive: true });
  chmodSync(root, 0o755);
  chmodSync(join(root, "tmp"), 0o1777);
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n",
  );
  symlinkSync("usr/bin", join(root, "bin"));
  const { node } = openClawCommand(installed);
  cpSync(node, join(root, "usr/local/bin/node"));
  const libraries = execFileSync("ldd", [node], { encoding: "utf8" }).match(/\/lib\S+/g) ?? [];
  execFileSync("cp", ["-L", "--parents", ...libraries, root]);
  const tools = imageToolsFolder(openBundle({ env: host.environment() }));
  cpSync(join(tools, "root/usr/bin/busybox"), join(root, "usr/bin/busybox"));
  for (const applet of ["sh", "env", "cat"]) symlinkSync("busybox", join(root, "usr/bin", applet));
  symlinkSync("../lib/node_modules/openclaw/openclaw.mjs", join(root, "usr/local/bin/openclaw"));
  execFileSync("cp", ["-a", join(installed, "node_modules"), join(root, "usr/local/lib/node_modules")]);
  execFileSync("chown", ["-R", `${gatewayUser}:${gatewayUser}`, join(root, "home/node")]);
  const changes = ["USER node", "WORKDIR /home/node", 'CMD ["openclaw","gateway","run"]'];
  const options = changes.flatMap((change) => ["-c", change]);
  execFileSync(
    "sh",
    [
      "-c",
      `tar -C "$0" --exclude ./usr/local/lib/node_modules/node-linux-* -c . | docker import "$@" - ${gatewayImage}`,
      root,
      ...options,
    ],
    { env: host.environment(), stdio: "pipe" },
  );
  rmSync(root, { recursive: true });
}

/**
 * Gives containers the test's OpenRouter at the same address as the host has it: each has a network of its own, and its loopback
 * leads to a Unix socket that the test answers.
 */
export class LoopbackRelay {
  private readonly socket: string;
  private readonly server: Server;
  private readonly relays: ChildProcess[] = [];

  constructor(
    private readonly host: TestHost,
    private readonly port: number,
  ) {
    this.socket = join(host.folder, "openrouter.sock");
    this.server = createServer((from) => {
      const to = connect(port, "127.0.0.1");
      from.on("error", () => to.destroy()).pipe(to);
      to.on("error", () => from.destroy()).pipe(from);
    }).listen(this.socket);
  }

  /** @param container a running one */
  async into(container: string): Promise<void> {
    const pid = this.host.docker("inspect", "--format", "{{.State.Pid}}", container);
    const script = `const net = require("node:net");
net.createServer((from) => {
  const to = net.connect(process.argv[2]);
  from.on("error", () => to.destroy()).pipe(to);
  to.on("error", () => from.destroy()).pipe(from);
}).listen(Number(process.argv[1]), "127.0.0.1", () => console.log("listening"));`;
    const relay = spawn(
      "nsenter",
      ["--target", pid, "--net", process.execPath, "-e", script, String(this.port), this.socket],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    this.relays.push(relay);
    await new Promise((resolve) => relay.stdout.once("data", resolve));
  }

  close(): void {
    for (const relay of this.relays) relay.kill("SIGKILL");
    this.server.close();
  }
}
