import { z } from "zod";
import { wrongUsage } from "../../core/errors";

/** A host of a list, and how ssh reaches it. */
export interface Destination {
  /** Its name in the list. */
  readonly host: string;
  /** What ssh gets: `user@host`, a name of the person's ssh configuration, or `ssh://user@host:port`. */
  readonly address: string;
  /** Why ssh cannot reach it. */
  readonly problem?: string;
}

/** More hosts than these are no list of OpenClaw hosts. */
const mostHosts = 1000;

const name = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}";
const user = "[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}";
const ip6 = "[0-9A-Fa-f:]{2,45}(?:%[A-Za-z0-9_.-]{1,32})?";
/** Nothing that a shell, ssh's own `%` tokens or its options could take for more than a name. */
const destination = new RegExp(
  `^(?:(?:${user}@)?(?:${name}|${ip6})|ssh://(?:${user}@)?(?:${name}|\\[${ip6}\\])(?::\\d{1,5})?)$`,
);
const hostPattern = new RegExp(`^(?:${name}|${ip6})$`);
const userPattern = new RegExp(`^${user}$`);

/**
 * Reads a list of hosts: one destination of ssh a line, with comments, or the JSON of `ansible-inventory --list`. A host that is
 * named twice is asked once.
 * @param source how messages name the list
 * @throws UserError (wrong usage) if it is no such list, or has no host; never with a variable's value, which can be a secret
 */
export function readDestinations(text: string, source: string): Destination[] {
  const content = text.replace(/^\uFEFF/, "");
  const found = content.trimStart().startsWith("{")
    ? fromInventory(content, source)
    : fromList(content, source);
  const hosts = [...new Map(found.map((each) => [each.host, each])).values()];
  if (hosts.length === 0)
    throw wrongUsage({
      problem: `${source} has no host.`,
      expected:
        "a destination of ssh on each line, such as openclaw@web1, or the output of `ansible-inventory --list`",
    });
  if (hosts.length > mostHosts)
    throw wrongUsage({ problem: `${source} has ${hosts.length} hosts.`, expected: `at most ${mostHosts}` });
  return hosts;
}

function fromList(text: string, source: string): Destination[] {
  return text.split(/\r?\n/).flatMap((raw, index) => {
    const line = raw.replace(/(^|\s)#.*$/, "").trim();
    if (line === "") return [];
    if (destination.test(line)) return { host: line, address: line };
    throw wrongUsage({
      problem: `Line ${index + 1} of ${source} is no destination of ssh.`,
      // Only what begins like one is shown: a list can hold anything.
      got: /^[\w.@:/-]{1,80}$/.test(line) ? line : "other text",
      expected:
        "[user@]host, a name of your ssh configuration, or ssh://[user@]host[:port]; # begins a comment",
      ...(/^\[|\s\w+=|:$/.test(line)
        ? { fix: "Make one of an inventory in INI or YAML: ansible-inventory -i FILE --list > hosts.json" }
        : {}),
    });
  });
}

const variable = z.union([z.string(), z.number()]).exactOptional().catch("?");
const variables = z.object({
  ansible_host: variable,
  ansible_user: variable,
  ansible_ssh_user: variable,
  ansible_port: variable,
  ansible_ssh_port: variable,
  ansible_connection: variable,
});
const inventory = z
  .object({
    _meta: z.object({ hostvars: z.record(z.string(), variables).default({}) }).default({ hostvars: {} }),
  })
  .catchall(z.object({ hosts: z.array(z.string()).default([]) }).catch({ hosts: [] }));

function fromInventory(text: string, source: string): Destination[] {
  const parsed = inventory.safeParse(jsonOf(text, source));
  if (!parsed.success)
    throw wrongUsage({
      problem: `${source} is no inventory.`,
      got: "JSON of another shape",
      expected: "what `ansible-inventory --list` prints",
    });
  const { _meta, ...groups } = parsed.data;
  const listed = Object.values(groups).flatMap(({ hosts }) => hosts);
  const hosts = [...new Set([...listed, ...Object.keys(_meta.hostvars)])];
  return hosts.map((host) => {
    if (!hostPattern.test(host))
      throw wrongUsage({
        problem: `${source} has a host whose name is none.`,
        got: /^[\w.@:/-]{1,80}$/.test(host) ? host : "other text",
        expected: "letters, digits, dots, - and _, not beginning with -",
      });
    return reachable(host, _meta.hostvars[host] ?? {});
  });
}

/** How Ansible's own variables say that it is reached; all else of them is not read. */
function reachable(host: string, vars: z.output<typeof variables>): Destination {
  const address = String(vars.ansible_host ?? host);
  const user = vars.ansible_user ?? vars.ansible_ssh_user;
  const port = vars.ansible_port ?? vars.ansible_ssh_port;
  const connection = vars.ansible_connection ?? "ssh";
  const wrong = [
    ["ansible_host", hostPattern.test(address)],
    ["ansible_user", user === undefined || userPattern.test(String(user))],
    ["ansible_port", port === undefined || /^\d{1,5}$/.test(String(port))],
    ["ansible_connection", ["ssh", "smart", "paramiko", "paramiko_ssh"].includes(String(connection))],
  ].find(([, isRight]) => !isRight)?.[0];
  if (wrong !== undefined)
    return {
      host,
      address: host,
      problem: `its ${wrong} in the inventory is nothing that ssh reaches it by`,
    };
  const at = user === undefined ? "" : `${user}@`;
  if (port === undefined) return { host, address: `${at}${address}` };
  return { host, address: `ssh://${at}${address.includes(":") ? `[${address}]` : address}:${port}` };
}

function jsonOf(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrongUsage({
      problem: `${source} begins like JSON and is none.`,
      expected: "what `ansible-inventory --list` prints, whole",
    });
  }
}
