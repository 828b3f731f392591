import { isLoopbackHost } from "../core/loopback";

/** A way by which a state would travel unencrypted. */
export interface OpenWay {
  /** The option or the variable that causes it. */
  readonly by: string;
  /** Its value, without a password. */
  readonly got: string;
}

/** Modes in which PostgreSQL's clients require TLS. */
const encrypted = /^(require|verify-ca|verify-full)$/;

type Values = readonly (readonly [name: string, value: string])[];

/**
 * The unencrypted connections to PostgreSQL: to another host, in a mode that does not require TLS. Terraform's client takes
 * from the environment what the connection string omits.
 * @param setting `conn_str` of the settings
 */
export function openConnections(
  setting: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): OpenWay[] {
  const { PG_CONN_STR, PGHOST, PGHOSTADDR, PGSERVICE, PGSSLMODE } = environment;
  const [source, text] = setting
    ? ["terraform.backend.config.conn_str", String(setting)]
    : ["PG_CONN_STR", PG_CONN_STR ?? ""];
  const values = /^postgres(ql)?:\/\//i.test(text) ? valuesOfUrl(text) : valuesOfWords(text);
  const named = (name: RegExp) => values.filter(([each]) => name.test(each)).map(([, value]) => value);
  const modes = named(/^sslmode$/);
  if (modes.length === 0 && PGSSLMODE) modes.push(PGSSLMODE);
  // If the mode is named twice, clients differ in their choice: all must require TLS.
  if (modes.length > 0 && modes.every((mode) => encrypted.test(mode))) return [];
  const hosts = named(/^(host|hostaddr)$/).flatMap((value) => value.split(","));
  const fromOutside =
    hosts.length === 0 ? [PGHOST ?? "", PGHOSTADDR ?? ""].flatMap((value) => value.split(",")) : [];
  // A service is a section of a file, which can name any host.
  const services = [...named(/^(service|servicefile)$/), ...(PGSERVICE ? [PGSERVICE] : [])].map(
    (name) => `the service ${name}`,
  );
  const other = [...hosts, ...fromOutside, ...services].find((host) => !isLocal(host));
  if (other === undefined) return [];
  const by = hosts.includes(other) || !fromOutside.includes(other) ? source : "PGHOST";
  return [{ by, got: `the host ${other} with sslmode ${modes.join(", ") || "not named"}` }];
}

/** Whether a host is local: the default, a socket's folder, an abstract socket, or the loopback. */
function isLocal(host: string): boolean {
  return host === "" || host.startsWith("/") || host.startsWith("@") || isLoopbackHost(host);
}

/** `postgres://user:password@host:port,host2/database?sslmode=…` */
function valuesOfUrl(text: string): Values {
  const [, authority = "", query = ""] = /^[a-z]+:\/\/([^/?#]*)[^?#]*\??([^#]*)/i.exec(text) ?? [];
  const hosts = authority.slice(authority.lastIndexOf("@") + 1).split(",");
  return [
    ...hosts
      .filter(Boolean)
      .map((host) => ["host", decoded(host.replace(/:\d*$/, "")).replace(/^\[(.*)\]$/, "$1")] as const),
    ...[...new URLSearchParams(query)].map(([name, value]) => [name.toLowerCase(), value] as const),
  ];
}

/** A text that cannot be decoded stays encoded, and so is not a host of this machine. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `host=db sslmode='verify-full'` */
function valuesOfWords(text: string): Values {
  const words = /(?<![a-z_])([a-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)/gi;
  return [...text.matchAll(words)].map(([, name = "", value = ""]) => [
    name.toLowerCase(),
    value.replace(/^'(.*)'$/s, "$1").replace(/\\(.)/gs, "$1"),
  ]);
}
