import { childEnvironment } from "../core/system/environment";
import { type RunResult, run } from "../core/system/process";

/**
 * The rule that engines from 28 on add for each port published on 127.0.0.1, here for all ports: it drops packets for this
 * host's loopback from another interface. Each instance has its own rule, identified by its comment.
 */
const rule = (instance?: string) => [
  ...["PREROUTING", "-d", "127.0.0.0/8", "!", "-i", "lo"],
  ...(instance ? ["-m", "comment", "--comment", `openclaw-openrouter ${instance}`] : []),
  ...["-j", "DROP"],
];

/**
 * Adds the rule if it is missing. A reboot removes it: every command that inspects the host adds it again.
 * @returns why it could not be added; undefined on success
 */
export async function closeLoopback(instance: string): Promise<string | undefined> {
  if ((await iptables("-C", instance)).exitCode === 0) return undefined;
  const { exitCode, failure, stderr } = await iptables("-I", instance);
  return exitCode === 0 ? undefined : (failure ?? stderr.trim());
}

/** @returns whether the rule exists; undefined if this user has no permission to list it */
export async function isLoopbackClosed(instance: string): Promise<boolean | undefined> {
  const { exitCode, stderr } = await iptables("-C", instance);
  if (exitCode === 0) return true;
  return exitCode === 1 && !stderr.startsWith("sudo:") ? false : undefined;
}

/** Whether a person added the rule that the warning of an old engine prints. Only root can see it. */
export async function isClosedByPerson(): Promise<boolean> {
  return process.getuid?.() === 0 && (await iptables("-C")).exitCode === 0;
}

/** Removes the instance's rule, if it exists. */
export async function openLoopback(instance: string): Promise<void> {
  while ((await iptables("-C", instance)).exitCode === 0)
    if ((await iptables("-D", instance)).exitCode !== 0) return;
}

/** Runs iptables; if not root, by sudo without a prompt. A user without that right gets a warning. */
function iptables(action: "-C" | "-I" | "-D", instance?: string): Promise<RunResult> {
  const args = ["-w", "-t", "raw", action, ...rule(instance)];
  const isRoot = process.getuid?.() === 0;
  const env = childEnvironment();
  // The PATH of an ordinary user does not contain it.
  env.PATH = `${env.PATH}:/usr/sbin:/sbin`;
  return isRoot ? run("iptables", args, { env }) : run("sudo", ["-n", "iptables", ...args], { env });
}
