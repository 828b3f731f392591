import { BlockList, isIP } from "node:net";

/** The private address ranges (CIDR), which no router of the internet forwards. */
export const privateRanges = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "fc00::/7",
] as const;

const privates = listOf(privateRanges);
const unreachable = listOf([
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/3",
  "::/127",
  "fe80::/10",
  "ff00::/8",
]);

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", bits] = range.split("/");
    list.addSubnet(network, Number(bits), familyOf(network));
  }
  return list;
}

/** Whether a text is an IP address at which other hosts can reach one: not the loopback, nor all addresses at once. */
export function isHostAddress(address: string): boolean {
  return isIP(address) !== 0 && !unreachable.check(address, familyOf(address));
}

/** Whether a text is an IP address in one of the private ranges. */
export function isPrivateAddress(address: string): boolean {
  return isIP(address) !== 0 && privates.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}
