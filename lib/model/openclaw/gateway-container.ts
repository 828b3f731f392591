/** The container in which OpenClaw's gateway runs, and what it has of this host. */
export interface GatewayContainer {
  readonly container: string;
  /** OpenClaw's folder as the container has it. */
  readonly folder: string;
  /** The gateway's user, by numbers: the image's users need not exist on the host. */
  readonly uid: number;
  readonly gid: number;
  /** The container's Node. */
  readonly node: string;
}

/** Where a gateway's container mounts the volume of Vault's Unix listener. */
export const socketMount = "/run/openclaw-vault";

/** Vault's address for such a gateway: the container shares no network with Vault, and publishes no port. */
export const socketAddress = `unix://${socketMount}/vault.sock`;

/** The user of a gateway's container, as `accountOf` takes it. */
export function userOfGateway({ uid, gid }: GatewayContainer): string {
  return `${uid}:${gid}`;
}

/** What to add to a container, so that its gateway reaches Vault. */
export function mountLines(socketVolume: string): string {
  return [
    `docker run: add  -v ${socketVolume}:${socketMount}:ro`,
    `compose: add to the service  volumes: ["${socketVolume}:${socketMount}:ro"]`,
    `         and to the file     volumes: { ${socketVolume}: { external: true } }`,
    "then re-create the container",
  ].join("\n");
}
