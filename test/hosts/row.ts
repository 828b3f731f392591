import type { LabBase } from "../support/lab-base";

/** A host as people have it: what differs from row to row. */
export interface HostRow extends LabBase {
  readonly name: string;
  /** What is risky about it, or which value of the table it is the only one of. */
  readonly because: string;
  /** How the engine runs. @default the package's own, as root */
  readonly engine?: "rootless" | "userns-remap" | "podman";
  /** Node's version as npm has it, or Debian's own. */
  readonly node: "Debian's" | "20.20.2" | "22.23.5" | "24.22.3" | "26.12.1";
  readonly terraform: "Terraform" | "OpenTofu";
  readonly deployer: "root" | "root for openclaw" | "user" | "user with linger";
  /** Where OpenClaw's gateway runs. */
  readonly gateway: "none" | "beside" | "container";
  /** What is there before, or how the program comes: a copy is what is installed, with parts in its cache. */
  readonly from: "clone" | "copy" | "first day" | "package" | "setup guide";
  /** What `up` says where it refuses such a host. */
  readonly refusal?: RegExp;
}

/** Whether a first process is there that reboots, and runs schedules. */
export const hasSystemd = ({ suite }: HostRow): boolean => suite !== "sid";
export const isUsers = ({ deployer }: HostRow): boolean => deployer.startsWith("user");
