const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

/**
 * Hosts of this machine's loopback as a URL names them, for a pattern. Only as people write them: of other notations (decimal,
 * octal, short, mapped, with a dot at the end) programs differ in what they mean.
 */
export const loopbackPattern = `(localhost|127(\\.${octet}){3}|\\[::1\\])`;

const host = new RegExp(`^(${loopbackPattern}|::1)$`, "i");
const url = new RegExp(`^https?://${loopbackPattern}(:\\d{1,5})?(/|$)`, "i");

/** Whether what goes to a host stays on this machine. By its text alone: no name is looked up. */
export function isLoopbackHost(text: string): boolean {
  return host.test(text);
}

/** The same of an http or https URL. One with a user's name or a password in it never does. */
export function isLoopbackUrl(text: string): boolean {
  return url.test(text);
}

/** Whether what is sent there can be read and changed on its way: by plain HTTP to another host. */
export function isPlainHttp(text: string): boolean {
  return /^\s*http:/i.test(text) && !isLoopbackUrl(text);
}
