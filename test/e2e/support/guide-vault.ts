import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { z } from "zod";
import { openBundle } from "../../../lib/bundle/bundle";
import { bundleImage, makeBundleImage } from "../../../lib/bundle/image";
import { EngineApi } from "../../../lib/docker/engine-api";
import { VaultClient } from "../../../lib/vault/client";
import { waitForVault, waitUntilActive } from "../../../lib/vault/wait";
import type { TestHost } from "./host";

const json = z.any();
const initAnswer = z.object({ unseal_keys_b64: z.array(z.string()), root_token: z.string() });

export interface GuideVaultProps {
  readonly container?: string;
  readonly port?: number;
  /** Whether it listens on every address of the host. @default the loopback alone */
  readonly onHostNetwork?: boolean;
  /** Certificate and key to serve TLS with, in a folder of the host. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string; readonly caFile: string };
}

/** A Vault as people have it who followed the setup guide's 2.7: a container run by hand, opened by hand. */
export class GuideVault {
  readonly container: string;
  readonly address: string;
  readonly client: VaultClient;
  rootToken = "";
  shares: string[] = [];

  constructor(
    private readonly host: TestHost,
    private readonly props: GuideVaultProps = {},
  ) {
    const { container = "vault", port = 8200, tls } = props;
    this.container = container;
    this.address = `${tls ? "https" : "http"}://127.0.0.1:${port}`;
    this.client = VaultClient.at({ address: this.address, ...(tls ? { caFile: tls.caFile } : {}) });
  }

  /** `docker run`, `operator init`, `operator unseal`. */
  async start(): Promise<void> {
    const api = new EngineApi(this.host.engine.replace("unix://", ""));
    if (!(await api.inspectImage(bundleImage)))
      await makeBundleImage(api, openBundle({ env: this.host.environment() }));
    const { tls, port = 8200, onHostNetwork } = this.props;
    const inside = onHostNetwork ? port : 8200;
    // The container's user is nobody of this host.
    if (tls) chmodSync(tls.keyFile, 0o644);
    const config = {
      storage: { raft: { path: "/vault/file", node_id: "node1" } },
      listener: [
        {
          tcp: {
            address: `0.0.0.0:${inside}`,
            ...(tls
              ? { tls_cert_file: "/tls/certificate.pem", tls_key_file: "/tls/key.pem" }
              : { tls_disable: true }),
          },
        },
      ],
      api_addr: this.address,
      cluster_addr: "https://127.0.0.1:8201",
      disable_mlock: true,
      ui: true,
    };
    this.host.docker(
      ...["run", "-d", "--name", this.container, "--restart", "unless-stopped", "--cap-add", "IPC_LOCK"],
      ...(onHostNetwork ? ["--network", "host"] : ["-p", `127.0.0.1:${port}:8200`]),
      ...["-v", `${this.container}-file:/vault/file`],
      ...(tls
        ? [
            ...[
              "-v",
              `${tls.certificateFile}:/tls/certificate.pem:ro`,
              "-v",
              `${tls.keyFile}:/tls/key.pem:ro`,
            ],
            ...["-v", `${tls.caFile}:/tls/ca.pem:ro`, "-e", "VAULT_CACERT=/tls/ca.pem"],
          ]
        : []),
      ...["-e", `VAULT_ADDR=${tls ? "https" : "http"}://127.0.0.1:${inside}`],
      ...["-e", `VAULT_LOCAL_CONFIG=${JSON.stringify(config)}`, bundleImage, "server"],
    );
    await waitForVault(this.client);
    const init = initAnswer.parse(
      JSON.parse(this.vault("operator", "init", "-key-shares=5", "-key-threshold=3", "-format=json")),
    );
    this.shares = init.unseal_keys_b64;
    this.rootToken = init.root_token;
    await this.unseal();
  }

  /** What its owner does after each restart. */
  async unseal(): Promise<void> {
    await waitForVault(this.client);
    for (const share of this.shares.slice(0, 3)) this.vault("operator", "unseal", share);
    await waitUntilActive(this.client);
  }

  /** Vault's own program in the container, without a token. */
  vault(...args: string[]): string {
    return this.host.docker("exec", this.container, "vault", ...args);
  }

  /** The same as root. @param input for arguments that are `-` */
  asRoot(args: string[], input = ""): string {
    return execFileSync(
      "docker",
      ["exec", "-i", "-e", `VAULT_TOKEN=${this.rootToken}`, this.container, "vault", ...args],
      { env: this.host.environment(), encoding: "utf8", input, stdio: ["pipe", "pipe", "pipe"] },
    ).trim();
  }

  get root(): VaultClient {
    return this.client.withToken(this.rootToken);
  }

  /** The data of an answer, as root; undefined where there is none. */
  async read(path: string, method: "GET" | "LIST" = "GET"): Promise<unknown> {
    return this.root.call({ method, path }, json).then(
      ({ data }) => data,
      (error) => {
        if (error.status === 404) return undefined;
        throw error;
      },
    );
  }

  /** All that a Vault holds of what somebody may have put there: what a deploy must leave as it was. */
  async everything(): Promise<Record<string, unknown>> {
    const held: Record<string, unknown> = {};
    for (const path of ["sys/mounts", "sys/auth", "sys/audit"]) held[path] = await this.read(path);
    await this.addEach(held, "sys/policies/acl");
    const methods = Object.entries(held["sys/auth"] as Record<string, { type: string }>);
    for (const [mount, { type }] of methods) {
      if (type === "approle") await this.addEach(held, `auth/${mount}role`);
      if (type === "userpass") await this.addEach(held, `auth/${mount}users`);
    }
    const mounts = Object.entries(
      held["sys/mounts"] as Record<string, { type: string; options: { version?: string } | null }>,
    );
    for (const [mount, { type, options }] of mounts) {
      if (type === "kv" && options?.version === "2") await this.addSecrets(held, mount, "");
    }
    return held;
  }

  private async addEach(held: Record<string, unknown>, path: string): Promise<void> {
    for (const name of await this.list(path)) held[`${path}/${name}`] = await this.read(`${path}/${name}`);
  }

  private async addSecrets(held: Record<string, unknown>, mount: string, folder: string): Promise<void> {
    for (const name of await this.list(`${mount}metadata/${folder}`)) {
      if (name.endsWith("/")) {
        await this.addSecrets(held, mount, folder + name);
        continue;
      }
      for (const kind of ["data", "metadata"]) {
        const path = `${mount}${kind}/${folder}${name}`;
        held[path] = await this.read(path);
      }
    }
  }

  private async list(path: string): Promise<string[]> {
    const answer = (await this.read(path, "LIST")) as { keys: string[] } | undefined;
    return answer?.keys ?? [];
  }
}
