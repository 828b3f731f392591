import { attempt } from "../core/attempt";
import { UserError } from "../core/errors";
import { isLoopbackHost, isPlainHttp } from "../core/network/loopback";
import { type Settings, stackPlaceholder } from "./settings";

type Backend = Pick<StateBackend, "type" | "config">;
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Requires an encrypted connection for a state that leaves this host: no plain HTTP, and no PostgreSQL without TLS. The state
 * names what is deployed and can run code, and the backend's credentials travel with it.
 * @throws UserError if the connection is unencrypted
 */
export function requireEncryptedState(backend: Backend, environment: Environment): void {
  const [open] = openWays(backend, environment);
  if (!open) return;
  throw new UserError({
    problem: `Terraform's state would leave this host unencrypted, by the backend ${backend.type}. Nothing was sent.`,
    got: `${open.by}: ${open.got}`,
    expected:
      backend.type === "pg"
        ? "`sslmode=require`, `verify-ca` or `verify-full`, unless the server is on this host (127.0.0.1, localhost, ::1, a socket)"
        : "https, unless the address is one of this host (127.0.0.1, localhost, [::1])",
    fix: fixes[backend.type] ?? "Name an https address, in `terraform.backend.config` or the environment.",
  });
}

const fixes: Readonly<Record<string, string>> = {
  pg: "Add sslmode=verify-full to `conn_str` in `terraform.backend.config`, or set PGSSLMODE=verify-full.",
  consul:
    "Set `scheme` to https in `terraform.backend.config`, or CONSUL_HTTP_SSL=true, and name a port of Consul that serves TLS.",
};

/** Every unencrypted way of a backend's traffic, from the settings and the environment. */
function openWays({ type, config }: Backend, environment: Environment): OpenWay[] {
  switch (type) {
    case "local":
      return [];
    case "pg":
      return openConnections(config.conn_str, environment);
    case "consul":
      return openConsul(config, environment);
    default:
      return [...plainOptions(config, []), ...plainVariables(variables[type], environment)];
  }
}

/** Variables with an address for Terraform's backends (from their documentation and that of their libraries). */
const variables: Readonly<Record<string, RegExp>> = {
  http: /^TF_HTTP_(ADDRESS|LOCK_ADDRESS|UNLOCK_ADDRESS)$/,
  // AWS_EC2_METADATA_SERVICE_ENDPOINT is omitted: credentials come from it, and no data is sent to it.
  s3: /^AWS_(ENDPOINT_URL(_[A-Z0-9_]+)?|(S3|DYNAMODB|IAM|STS|SSO)_ENDPOINT)$/,
  gcs: /^(GOOGLE_(BACKEND_)?STORAGE_CUSTOM_ENDPOINT|STORAGE_EMULATOR_HOST)$/,
  azurerm: /^(ARM_(ENDPOINT|METADATA_HOST|METADATA_HOSTNAME|OIDC_REQUEST_URL)|ACTIONS_ID_TOKEN_REQUEST_URL)$/,
  remote: /^(TF_CLOUD_HOSTNAME)$/,
};

/** Options whose address receives no state: proxies, which get an encrypted tunnel, and metadata services. */
const noTarget = /^(https?_proxy|ec2_metadata_service_endpoint|msi_endpoint)$/;

function plainOptions(value: unknown, path: readonly string[]): OpenWay[] {
  if (typeof value === "string")
    return isPlainHttp(value)
      ? [{ by: `terraform.backend.config.${path.join(".")}`, got: shown(value) }]
      : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    noTarget.test(name) ? [] : plainOptions(inner, [...path, name]),
  );
}

function plainVariables(names: RegExp | undefined, environment: Environment): OpenWay[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!value || !names?.test(name)) return [];
    // Without a scheme, Google's library uses plain HTTP for it.
    const url = name === "STORAGE_EMULATOR_HOST" && !value.includes("://") ? `http://${value}` : value;
    return isPlainHttp(url) ? [{ by: name, got: shown(url) }] : [];
  });
}

/** Consul's client: settings take precedence over the environment, and a scheme in the address over both. */
function openConsul(config: Backend["config"], environment: Environment): OpenWay[] {
  const { CONSUL_HTTP_ADDR, CONSUL_HTTP_SSL = "" } = environment;
  const [by, address] = config.address
    ? ["terraform.backend.config.address", String(config.address)]
    : CONSUL_HTTP_ADDR
      ? ["CONSUL_HTTP_ADDR", CONSUL_HTTP_ADDR]
      : ["", "127.0.0.1:8500"];
  if (/^(https|unix):\/\//i.test(address)) return [];
  const isEncrypted = config.scheme
    ? config.scheme === "https"
    : /^(1|t|T|true|True|TRUE)$/.test(CONSUL_HTTP_SSL);
  if (isEncrypted) return [];
  const host = address.replace(/^http:\/\//i, "").replace(/(:\d+)?\/?$/, "");
  return isLoopbackHost(host) ? [] : [{ by, got: `${shown(address)}, without TLS` }];
}

/** An address without user name, password and query, which can hold a token. */
function shown(address: string): string {
  return address.replace(/^([a-z]+:\/\/)?[^/]*@/i, "$1").replace(/[?#].*$/s, "");
}

/** A way by which a state would travel unencrypted. */
interface OpenWay {
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
function openConnections(setting: unknown, environment: Environment): OpenWay[] {
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
  return attempt(() => decodeURIComponent(text)) ?? text;
}

/** `host=db sslmode='verify-full'` */
function valuesOfWords(text: string): Values {
  const words = /(?<![a-z_])([a-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)/gi;
  return [...text.matchAll(words)].map(([, name = "", value = ""]) => [
    name.toLowerCase(),
    value.replace(/^'(.*)'$/s, "$1").replace(/\\(.)/gs, "$1"),
  ]);
}

/** The backend of Terraform's state, as the settings name it. */
export type StateBackend = Settings["terraform"]["backend"];

/** The backend's options for one stack. Each stack has its own state, by {@link stackPlaceholder}. */
export function backendConfig(
  { config }: Pick<StateBackend, "config">,
  stack: string,
): Record<string, unknown> {
  return JSON.parse(JSON.stringify(config).replaceAll(stackPlaceholder, stack));
}

/** Describes a backend and its options for a person. */
export function describeBackend({ type, config }: StateBackend): string {
  if (type === "local") return "the instance directory";
  const options = Object.entries(config).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [`the backend ${type}`, ...options].join(", ");
}
