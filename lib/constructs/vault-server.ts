import { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Construct } from "constructs";
import { type VaultTlsFiles, vaultAddress } from "../model/deployment";
import { instanceLabel } from "../model/instance-label";
import { type SealDeclaration, serverCommand } from "../model/seal";
import { clientEnvironment, containerApiPort, healthCheck, vaultConfig } from "../model/vault-config";
import { requireThat } from "./require";
import { placeSeal } from "./vault-seal";
import { placeTls } from "./vault-tls";

export interface VaultServerProps {
  /** Known on the engine as ours by this id: a container of that name without it is never touched. */
  readonly instanceId: string;
  /** @default "vault" */
  readonly containerName?: string;
  /** Port on 127.0.0.1. @default 8200 */
  readonly port?: number;
  /** @default "hashicorp/vault:1.21.2" */
  readonly image?: string;
  /** Volume of Vault's data. @default "<containerName>-data" */
  readonly dataVolume?: string;
  /** Volume of the container's home, which holds the token helper. @default "<containerName>-home" */
  readonly homeVolume?: string;
  /** In MiB; swap is not granted beyond it. @default 512 */
  readonly memoryMegabytes?: number;
  /** Serve Vault's web interface. @default true */
  readonly ui?: boolean;
  /** Keep metrics for Prometheus. @default false */
  readonly telemetry?: boolean;
  /** What unseals Vault when it starts. @default people's shares */
  readonly seal?: SealDeclaration;
  /** Serve by TLS, with these files of the host. @default plain HTTP, behind the loopback */
  readonly tls?: VaultTlsFiles;
}

/**
 * A Vault server in a hardened container: production mode, raft on a named volume, reachable on the loopback only,
 * without root, capabilities beyond IPC_LOCK, or a writable root file system (guide 2.7).
 *
 * It comes up uninitialised or sealed; `VaultBootstrap` opens it. Both volumes carry `prevent_destroy`.
 */
export class VaultServer extends Construct {
  readonly container: Container;
  /** The address at which the host reaches Vault. */
  readonly address: string;

  constructor(scope: Construct, id: string, props: VaultServerProps) {
    super(scope, id);
    const name = props.containerName ?? "vault";
    const port = props.port ?? 8200;
    const memory = props.memoryMegabytes ?? 512;
    requireThat(this, port > 0 && port < 65536, "port", port, "a port number from 1 to 65535");
    requireThat(
      this,
      memory >= 128,
      "memoryMegabytes",
      memory,
      "at least 128 MiB, which Vault needs to start",
    );
    requireThat(
      this,
      props.instanceId !== "",
      "instanceId",
      '""',
      "an id that stays the same between deploys",
    );

    const labels = [{ label: instanceLabel, value: props.instanceId }];
    const image = new Image(this, "image", {
      name: props.image ?? "hashicorp/vault:1.21.2",
      keepLocally: true,
    });
    const data = new Volume(this, "data", {
      name: props.dataVolume ?? `${name}-data`,
      labels,
      lifecycle: { preventDestroy: true },
    });
    const home = new Volume(this, "home", {
      name: props.homeVolume ?? `${name}-home`,
      labels,
      lifecycle: { preventDestroy: true },
    });

    const tls = props.tls !== undefined;
    const placed =
      props.tls &&
      placeTls(this, "tls", {
        instanceId: props.instanceId,
        container: name,
        port,
        image,
        homeVolume: home,
        files: props.tls,
      });
    this.address = vaultAddress(port, tls);
    const seal =
      props.seal &&
      placeSeal(this, "seal", {
        instanceId: props.instanceId,
        container: name,
        address: this.address,
        ...(props.tls ? { caFile: props.tls.caFile } : {}),
        image,
        homeVolume: home,
        seal: props.seal,
      });
    const steps = [placed, seal].filter((step) => step !== undefined);
    this.container = new Container(this, "container", {
      name,
      image: image.imageId,
      command: serverCommand(props.seal),
      restart: "unless-stopped",
      // A container that was stopped by hand is started by our verbs, not replaced by a plan.
      mustRun: false,
      ports: [{ internal: containerApiPort, external: port, ip: "127.0.0.1", protocol: "tcp" }],
      env: [
        ...clientEnvironment(tls),
        `VAULT_LOCAL_CONFIG=${JSON.stringify(vaultConfig({ ui: props.ui ?? true, telemetry: props.telemetry ?? false, tls }))}`,
        // The entrypoint would need root for both.
        "SKIP_CHOWN=true",
        "SKIP_SETCAP=true",
      ],
      user: "100:1000",
      capabilities: { drop: ["ALL"], add: ["CAP_IPC_LOCK"] },
      securityOpts: ["no-new-privileges"],
      readOnly: true,
      // The image's own /vault/file and /home/vault belong to 100:1000, and an empty volume inherits that.
      mounts: [
        { type: "volume", source: data.name, target: "/vault/file" },
        { type: "volume", source: home.name, target: "/home/vault" },
      ],
      tmpfs: {
        "/vault/config": "uid=100,gid=1000,mode=0750,size=1m",
        "/vault/logs": "uid=100,gid=1000,mode=0750,size=1m",
        "/tmp": "size=16m",
      },
      memory,
      memorySwap: memory,
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      // Each check starts a process in the container. Nothing waits for it: the step that opens Vault waits until it answers.
      healthcheck: {
        test: healthCheck(tls),
        interval: "30s",
        timeout: "2s",
        retries: 3,
      },
      destroyGraceSeconds: 30,
      labels,
      // memorySwap reads back as -1 where the kernel does not account swap; the daemon merges its own log options in; and the
      // provider never gives a container that is there another health check, however often it plans to.
      lifecycle: { ignoreChanges: ["memory_swap", "log_opts", "healthcheck"] },
      ...(steps.length > 0 ? { dependsOn: steps } : {}),
    });
  }
}
