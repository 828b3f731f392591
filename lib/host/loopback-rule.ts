import { childEnvironment } from "../core/environment";
import { type RunResult, run } from "../core/process";

/**
 * The rule that engines from 28 on have for each port that is published on 127.0.0.1, for all of them: a packet for this host's
 * loopback that came in by another interface is dropped. Each instance has one of its own, known by its comment.
 */
const rule = (instance: string) => [
  ...["PREROUTING", "-d", "127.0.0.0/8", "!", "-i", "lo"],
  ...["-m", "comment", "--comment", `openclaw-openrouter ${instance}`, "-j", "DROP"],
];

/**
 * Adds the rule where it is missing. It does not outlive a reboot: every command that looks at the host adds it again.
 * @returns why it is not there; undefined where it is
 */
export async function closeLoopback(instance: string): Promise<string | undefined> {
  if ((await iptables("-C", instance)).exitCode === 0) return undefined;
  const { exitCode, failure, stderr } = await iptables("-I", instance);
  return exitCode === 0 ? undefined : (failure ?? stderr.trim());
}

/** @returns whether the rule is there; undefined where this user may not ask */
export async function isLoopbackClosed(instance: string): Promise<boolean | undefined> {
  const { exitCode, stderr } = await iptables("-C", instance);
  if (exitCode === 0) return true;
  return exitCode === 1 && !stderr.startsWith("sudo:") ? false : undefined;
}

/** Takes the instance's rule away, where there is one. */
export async function openLoopback(instance: string): Promise<void> {
  while ((await iptables("-C", instance)).exitCode === 0)
    if ((await iptables("-D", instance)).exitCode !== 0) return;
}

/** Where this is not root, sudo is asked without a prompt: who may not use it so gets a warning. */
function iptables(action: "-C" | "-I" | "-D", instance: string): Promise<RunResult> {
  const args = ["-w", "-t", "raw", action, ...rule(instance)];
  const isRoot = process.getuid?.() === 0;
  const env = childEnvironment();
  // A login of a plain user does not find it.
  env.PATH = `${env.PATH}:/usr/sbin:/sbin`;
  return isRoot ? run("iptables", args, { env }) : run("sudo", ["-n", "iptables", ...args], { env });
}
