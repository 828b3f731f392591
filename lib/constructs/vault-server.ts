import { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Audit } from "@cdktf/provider-vault/lib/audit";
import { KvSecretV2 } from "@cdktf/provider-vault/lib/kv-secret-v2";
import { Mount } from "@cdktf/provider-vault/lib/mount";
import { type ITerraformDependable, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { containerName, port as portForm } from "../config/options";
import { defined } from "../core/defined";
import { isHostAddress, isPrivateAddress } from "../core/network/private-address";
import { containerNames, ownPlace, reachOf, vaultAddress } from "../model/deployment";
import { homePaths } from "../model/home-paths";
import { instanceLabel } from "../model/instance-label";
import { identities } from "../model/vault/identities";
import { auditDevice, secretMount } from "../model/vault/own-vault";
import { type SealDeclaration, serverCommand } from "../model/vault/seal";
import {
  clientEnvironment,
  containerApiPort,
  healthCheck,
  memoryFolders,
  outsidePort,
  socketFolder,
  vaultConfig,
} from "../model/vault/vault-config";
import { instanceTlsFiles, type VaultTlsFiles } from "../model/vault/vault-tls";
import { ExternalVault, type ExternalVaultProps } from "./external-vault";
import { prepareContainer } from "./prepare-container";
import { requireAlone, requirePath, requireProvider, requireThat } from "./require";
import { type IVault, type KeyDeclaration, keyVariable } from "./vault";
import { declareIdentities } from "./vault-identities";
import { placeSeal } from "./vault-seal";

export interface VaultServerProps {
  /** The instance directory, which holds the CA: an absolute path, mode 0700, outside the checkout. */
  readonly home: string;
  /** The id that marks the container on the engine as managed: a container of that name without it is never touched. */
  readonly instanceId: string;
  /** @default "vault" */
  readonly containerName?: string;
  /**
   * An address of this host at which other hosts reach Vault too, by TLS only: a private one, unless {@link VaultServerProps.tls}
   * names files of your own. @default 127.0.0.1 alone
   */
  readonly listen?: string;
  /** Port on 127.0.0.1. @default 8200 */
  readonly port?: number;
  /** @default "hashicorp/vault:1.21.2" */
  readonly image?: string;
  /** The volume of Vault's data. @default "<containerName>-data" */
  readonly dataVolume?: string;
  /**
   * The volume of the container's home directory, which holds the token helper and the certificate.
   * @default "<containerName>-home"
   */
  readonly homeVolume?: string;
  /** The volume of Vault's Unix listener, which nobody can use at first. @default "<containerName>-socket" */
  readonly socketVolume?: string;
  /** The uid of a gateway in another container that mounts this volume, and reaches Vault by it. @default none */
  readonly socketUser?: number;
  /** The Docker network of this container only. @default "<containerName>-network" */
  readonly network?: string;
  /** The memory limit in MiB, without additional swap; false for none, on a kernel that has no limits. @default 512 */
  readonly memoryMegabytes?: number | false;
  /** Serve Vault's web interface. @default true */
  readonly ui?: boolean;
  /** Keep metrics for Prometheus. @default false */
  readonly telemetry?: boolean;
  /** The seal that unseals Vault when it starts. @default people's shares */
  readonly seal?: SealDeclaration;
  /**
   * Files on the host to serve TLS with, or false for plain HTTP on the loopback.
   * @default the instance's own CA, created in {@link VaultServerProps.home}, and a certificate of 820 days that it issues. This
   * program's commands renew it; an app re-creates the step of `prepare` (examples/own-app).
   */
  readonly tls?: VaultTlsFiles | false;
}

/**
 * A Vault server in a hardened container: production mode, raft on a named volume, TLS on the loopback only, its own network,
 * no root, no capability except IPC_LOCK, and a read-only root file system (guide 2.7).
 *
 * It starts uninitialized or sealed; `VaultBootstrap` unseals it. Its volumes carry `prevent_destroy`, which does not hold if this
 * construct gets another id: move them in the state then (`terraform state mv`). One in a stack.
 *
 * Its steps use the Docker Engine of DOCKER_CONTEXT, of DOCKER_HOST, or of the default socket: name another one there. An option of
 * the `DockerProvider` is refused, since the steps do not see it.
 */
export class VaultServer extends Construct implements IVault {
  /**
   * A Vault that somebody else runs, instead of a `VaultServer` and its `VaultBootstrap`. Declares no part of it, and checks that
   * it is unsealed, holds this instance's identities, and has a key-value store at `secret/`. The command `up` writes these once,
   * with an admin's token, for an instance whose settings name that Vault.
   */
  static fromAddress(scope: Construct, id: string, props: ExternalVaultProps): IVault {
    return new ExternalVault(scope, id, props);
  }

  readonly container: Container;
  /** The instance directory. */
  readonly home: string;
  /** The name of the container. */
  readonly containerName: string;
  /** The name of the volume of Vault's data. */
  readonly dataVolume: string;
  readonly address: string;
  /** CA certificates that verify Vault's certificate: a file that exists once the container does. Undefined for plain HTTP. */
  readonly caFile: string | undefined;

  constructor(scope: Construct, id: string, props: VaultServerProps) {
    super(scope, id);
    // The resources of one would stand beside the steps of the other: see `runStep`.
    requireAlone(this, VaultServer, "one VaultServer a stack, so declare this one in a stack of its own");
    requireProvider(this, DockerProvider, (provider) => {
      for (const option of ["host", "context"] as const) {
        const expected =
          "none, but DOCKER_HOST or DOCKER_CONTEXT in the environment, which the steps see too";
        const value = provider?.[option];
        requireThat(this, value === undefined, `DockerProvider.${option}`, value, expected);
      }
    });
    const name = props.containerName ?? "vault";
    const imageName = props.image ?? "hashicorp/vault:1.21.2";
    const port = props.port ?? 8200;
    const memory = props.memoryMegabytes ?? 512;
    requireThat(this, portForm().safeParse(port).success, "port", port, "a port number from 1 to 65535");
    requireThat(
      this,
      memory === false || (Number.isInteger(memory) && memory >= 128),
      "memoryMegabytes",
      memory,
      "a whole number of MiB, at least 128, which Vault needs to start",
    );
    requireThat(
      this,
      Boolean(props.instanceId),
      "instanceId",
      props.instanceId || '""',
      "an id that stays the same between deploys",
    );
    requireThat(this, imageName !== "", "image", '""', "the name of an image of Vault");
    const user = props.socketUser ?? 0;
    requireThat(this, Number.isInteger(user) && user >= 0, "socketUser", user, "a uid, 0 or more");
    requirePath(this, "home", props.home);
    const { dataVolume, homeVolume, socketVolume } = props;
    const given = defined({ dataVolume, homeVolume, socketVolume, network: props.network });
    const names = { containerName: name, ...containerNames(name), ...given };
    requireNames(this, names);
    this.home = props.home;
    this.containerName = name;
    this.dataVolume = names.dataVolume;
    const labels = [{ label: instanceLabel, value: props.instanceId }];
    const image = new Image(this, "image", {
      name: imageName,
      keepLocally: true,
    });
    const volume = (id: string, name: string) =>
      new Volume(this, id, { name, labels, lifecycle: { preventDestroy: true } });
    const data = volume("data", this.dataVolume);
    const home = volume("home", names.homeVolume);
    const socket = volume("socket", names.socketVolume);
    const { network } = names;

    const tls = props.tls === false ? undefined : (props.tls ?? instanceTlsFiles(homePaths(props.home).tls));
    const ofStep = { instanceId: props.instanceId, container: name, image: image.imageId };
    const prepareParameters = {
      ...{ home: props.home, ...ofStep, network, port, homeVolume: home.name, socketVolume: socket.name },
      ...defined({ listen: props.listen, socketUser: props.socketUser, tls }),
    };
    const prepared = prepareContainer(this, "prepare", prepareParameters, {
      volumes: [home, socket],
      dependsOn: [data],
    });
    requireThat(
      this,
      props.listen === undefined ||
        (props.tls ? isHostAddress(props.listen) : tls !== undefined && isPrivateAddress(props.listen)),
      "listen",
      props.listen,
      "a private address, or any with certificate files of your own; and TLS",
    );
    this.address = vaultAddress(port, tls !== undefined);
    this.caFile = tls?.caFile;
    const place = ownPlace(homePaths(props.home), name, port, tls);
    const seal =
      props.seal &&
      placeSeal(
        this,
        "seal",
        { ...ofStep, seal: props.seal, homeVolume: home.name, ...reachOf(place) },
        { volume: home, dependsOn: [prepared] },
      );
    this.container = new Container(this, "container", {
      name,
      image: image.imageId,
      command: serverCommand(props.seal),
      restart: "unless-stopped",
      // The commands start a container that was stopped by hand; a plan does not replace it.
      mustRun: false,
      // By name, never by id: a pruned network is created again.
      networkMode: network,
      ports: [
        { internal: containerApiPort, external: port, ip: "127.0.0.1", protocol: "tcp" },
        ...(props.listen
          ? [{ internal: outsidePort, external: port, ip: props.listen, protocol: "tcp" }]
          : []),
      ],
      env: [
        ...clientEnvironment(tls !== undefined),
        `VAULT_LOCAL_CONFIG=${JSON.stringify(
          vaultConfig({
            ui: props.ui ?? true,
            telemetry: props.telemetry ?? false,
            tls: tls !== undefined,
            nodeId: props.instanceId,
            socket: true,
            isOutside: props.listen !== undefined,
          }),
        )}`,
        // The entrypoint would need root for both.
        "SKIP_CHOWN=true",
        "SKIP_SETCAP=true",
      ],
      user: "100:1000",
      capabilities: { drop: ["ALL"], add: ["CAP_IPC_LOCK"] },
      securityOpts: ["no-new-privileges"],
      readOnly: true,
      // The image's own /vault/file and /home/vault belong to 100:1000, and an empty volume inherits this owner.
      mounts: [
        { type: "volume", source: data.name, target: "/vault/file" },
        { type: "volume", source: home.name, target: "/home/vault" },
        // The image does not have this folder: the previous step gives it to Vault's user.
        { type: "volume", source: socket.name, target: socketFolder },
      ],
      tmpfs: { ...memoryFolders },
      ...(memory === false ? {} : { memory, memorySwap: memory }),
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      // Each check starts a process in the container. Nothing waits for the check: the step that unseals Vault waits until
      // Vault answers.
      healthcheck: {
        test: healthCheck(tls !== undefined),
        interval: "30s",
        timeout: "2s",
        retries: 3,
      },
      destroyGraceSeconds: 30,
      labels,
      // memorySwap reads back as -1 if the kernel does not account for swap; the daemon merges its own log options; and the
      // provider never changes the health check of an existing container, although it plans to. Where the kernel limits no
      // memory, the limit of a container from before cannot be taken away: the engine refuses each update of it.
      lifecycle: {
        ignoreChanges: ["memory_swap", "log_opts", "healthcheck", ...(memory === false ? ["memory"] : [])],
      },
      dependsOn: seal ? [prepared, seal] : [prepared],
    });
  }

  declareKey(scope: Construct, { keyVersion }: KeyDeclaration): ITerraformDependable {
    requireOtherStack(this, scope);
    const { path, type, options } = auditDevice;
    const audit = new Audit(scope, "audit", { path, type, options: { ...options } });
    audit.importFrom(path);
    const mount = new Mount(scope, "mount", {
      path: secretMount.path,
      type: secretMount.type,
      options: { ...secretMount.options },
      description: secretMount.description,
      lifecycle: { preventDestroy: true },
    });
    mount.importFrom(secretMount.path);
    const roles = declareIdentities(scope, identities);
    return new KvSecretV2(scope, "secret", {
      mount: mount.path,
      name: "openrouter",
      // Parsed only when it is written, so an empty key fails instead of being stored.
      dataJsonWo: `\${var.${keyVariable} == "" ? "no key" : jsonencode({ api_key = var.${keyVariable} })}`,
      dataJsonWoVersion: keyVersion,
      lifecycle: { preventDestroy: true },
      // Nothing is created beside the steps that follow the secret: see `runStep`.
      dependsOn: [audit, ...roles],
    });
  }
}

/** What the engine calls the parts of a server. */
type Names = ReturnType<typeof containerNames> & { readonly containerName: string };

const isName = (name: string) => containerName().safeParse(name).success;
const predefinedNetworks = ["", "default", "bridge", "host", "none"];

/** The engine would refuse some of these names in the middle of a deploy, and takes the others: two volumes can be one. */
function requireNames(server: VaultServer, names: Names): void {
  for (const option of ["containerName", "dataVolume", "homeVolume", "socketVolume"] as const)
    requireThat(
      server,
      isName(names[option]),
      option,
      names[option] || '""',
      "two characters or more of letters, digits, `_`, `.` and `-`, the first a letter or digit",
    );
  const volumes = [names.dataVolume, names.homeVolume, names.socketVolume];
  const all = "dataVolume, homeVolume, socketVolume";
  requireThat(server, new Set(volumes).size === volumes.length, all, volumes.join(", "), "three volumes");
  const isOwn = !predefinedNetworks.includes(names.network);
  requireThat(server, isOwn, "network", names.network || '""', "a network of this container only");
}

/** @throws Error if the key is declared beside its server: the plan of its stack logs in to Vault before the server is there */
function requireOtherStack(server: VaultServer, scope: Construct): void {
  if (TerraformStack.of(server) !== TerraformStack.of(scope)) return;
  throw new Error(
    `${scope.node.path}: its stack declares ${server.node.path} as well; expected a stack of its own, by addDependency deployed after that of the server, since its plan logs in to Vault`,
  );
}
