import { existsSync } from "node:fs";
import { installPackage } from "./apt";

/** Where Debian's package places OpenSSH's server. */
export const sshServer = "/usr/sbin/sshd";

/** Installs OpenSSH's server, which only tests start. @returns why it cannot be had; undefined where it is there */
export function installSshServer(): Promise<string | undefined> {
  return installPackage("openssh-server", () => existsSync(sshServer));
}
