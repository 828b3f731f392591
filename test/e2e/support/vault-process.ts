import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { openBundle, partFile } from "../../../lib/bundle/bundle";
import { VaultClient } from "../../../lib/vault/client";
import { unseal } from "../../../lib/vault/unseal";
import { waitForVault, waitUntilActive } from "../../../lib/vault/wait";
import { makeCertificate, type TestCertificate } from "../../support/certificate";

const initAnswer = z.object({ keys_base64: z.array(z.string()), root_token: z.string() });

/** A real Vault as a process, with TLS on the loopback: lighter than one in a container, where no engine matters. */
export class VaultProcess {
  readonly certificate: TestCertificate;
  address = "";
  /** With the root token. */
  root!: VaultClient;
  private child: ChildProcess | undefined;

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.certificate = makeCertificate(folder, "vault-process");
  }

  async start(): Promise<void> {
    const port = await freePort();
    this.address = `https://127.0.0.1:${port}`;
    const { certificateFile, keyFile, caFile } = this.certificate;
    const data = join(this.folder, "data");
    mkdirSync(data);
    const tcp = { address: `127.0.0.1:${port}`, tls_cert_file: certificateFile, tls_key_file: keyFile };
    const config = {
      storage: { raft: { path: data, node_id: "one", performance_multiplier: 1 } },
      ...{
        listener: [{ tcp }],
        api_addr: this.address,
        cluster_addr: `https://127.0.0.1:${await freePort()}`,
      },
      ...{ disable_mlock: true, ui: false },
    };
    const file = join(this.folder, "config.json");
    writeFileSync(file, JSON.stringify(config));
    const env = { PATH: process.env.PATH, HOME: this.folder };
    this.child = spawn(partFile(openBundle(), "vault"), ["server", `-config=${file}`], {
      stdio: "ignore",
      env,
    });
    const client = VaultClient.at({ address: this.address, caFile });
    await waitForVault(client);
    const body = { secret_shares: 1, secret_threshold: 1 };
    const init = await client.call({ method: "POST", path: "sys/init", body }, initAnswer);
    await unseal(client, { shares: init.keys_base64, threshold: 1 });
    await waitUntilActive(client);
    this.root = client.withToken(init.root_token);
  }

  /** Makes a token with these policies. */
  async token(...policies: string[]): Promise<string> {
    const made = await this.root.call(
      { method: "POST", path: "auth/token/create", body: { policies, no_default_policy: true } },
      z.object({ auth: z.object({ client_token: z.string() }) }),
    );
    return made.auth.client_token;
  }

  writePolicy(name: string, policy: string): Promise<void> {
    return this.root.write(`sys/policies/acl/${name}`, { policy }, "PUT");
  }

  async stop(): Promise<void> {
    if (!this.child) return;
    this.child.kill("SIGKILL");
    await once(this.child, "exit");
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  return port;
}
