import { isIP, SocketAddress } from "node:net";

/**
 * A network (CIDR) in one form: an IPv6 address lower-case and shortened, and a single address with its length. Vault damages
 * IPv6 addresses of some other forms, takes an IPv4 address that is written as one of IPv6 (`::ffff:10.0.0.7/128`) for the IPv4 one,
 * and gives a single address back without its length.
 * @returns the same text if it is no network
 */
export function canonicalNetwork(text: string): string {
  const [address = "", bits] = text.split("/");
  const version = isIP(address);
  if (version === 0) return text;
  const [family, length] = version === 6 ? (["ipv6", 128] as const) : (["ipv4", 32] as const);
  const canonical = new SocketAddress({ address, family }).address;
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical) ?? [];
  const size = Number(bits ?? length);
  return mapped && size >= 96 ? `${mapped}/${size - 96}` : `${canonical}/${bits ?? length}`;
}
