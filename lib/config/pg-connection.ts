import { isLoopbackHost } from "../core/loopback";

/** Where a state would go in the clear. */
export interface OpenWay {
  /** The option or the variable that says so. */
  readonly by: string;
  /** No password is in it. */
  readonly got: string;
}

/** Modes in which PostgreSQL's clients take TLS or nothing. */
const encrypted = /^(require|verify-ca|verify-full)$/;

type Values = readonly (readonly [name: string, value: string])[];

/**
 * Ways by which a connection to PostgreSQL would be unencrypted: to another host, in a mode that does without TLS. Terraform's
 * client takes what the connection string leaves out from the environment.
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
  // Named twice, clients differ in which one they take.
  if (modes.length > 0 && modes.every((mode) => encrypted.test(mode))) return [];
  const hosts = named(/^(host|hostaddr)$/).flatMap((value) => value.split(","));
  const fromOutside =
    hosts.length === 0 ? [PGHOST ?? "", PGHOSTADDR ?? ""].flatMap((value) => value.split(",")) : [];
  // A service is a file's section, which may name any host.
  const services = [...named(/^(service|servicefile)$/), ...(PGSERVICE ? [PGSERVICE] : [])].map(
    (name) => `the service ${name}`,
  );
  const other = [...hosts, ...fromOutside, ...services].find((host) => !isLocal(host));
  if (other === undefined) return [];
  const by = hosts.includes(other) || !fromOutside.includes(other) ? source : "PGHOST";
  return [{ by, got: `the host ${other} with sslmode ${modes.join(", ") || "not named"}` }];
}

/** The default, a socket's folder, an abstract socket, or the loopback. */
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

/** What cannot be read is no host of this machine. */
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
