const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

/**
 * A pattern for the loopback hosts in a URL. Only the usual notations match: programs disagree about others (decimal, octal,
 * short, mapped, with a final dot).
 */
export const loopbackPattern = `(localhost|127(\\.${octet}){3}|\\[::1\\])`;

const host = new RegExp(`^(${loopbackPattern}|::1)$`, "i");
const url = new RegExp(`^https?://${loopbackPattern}(:\\d{1,5})?(/|$)`, "i");

/** Whether a host is this machine's loopback. Decided by its text; no name is resolved. */
export function isLoopbackHost(text: string): boolean {
  return host.test(text);
}

/** Whether the host of an http or https URL is the loopback. False for a URL with a user name or a password. */
export function isLoopbackUrl(text: string): boolean {
  return url.test(text);
}

/** Whether a URL is plain HTTP to another host, so that data can be read and changed on the way. */
export function isPlainHttp(text: string): boolean {
  return /^\s*http:/i.test(text) && !isLoopbackUrl(text);
}
