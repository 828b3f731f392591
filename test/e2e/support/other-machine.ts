import { execFileSync } from "node:child_process";

/** Another machine: a network namespace that reaches this one by an address, and has no other way. */
export function addMachine(namespace: string, here: string, there: string): void {
  const [near, far] = [`${namespace.slice(0, 5)}0`, `${namespace.slice(0, 5)}1`];
  ip("netns", "add", namespace);
  ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", namespace);
  ip("address", "add", `${here}/24`, "dev", near);
  ip("link", "set", near, "up");
  ip("-n", namespace, "address", "add", `${there}/24`, "dev", far);
  ip("-n", namespace, "link", "set", far, "up");
  ip("-n", namespace, "link", "set", "lo", "up");
}

export function ip(...args: string[]): void {
  execFileSync("ip", args);
}
