import { UserError } from "../core/errors";
import { isLoopbackHost, isPlainHttp } from "../core/loopback";
import { type OpenWay, openConnections } from "./pg-connection";
import type { StateBackend } from "./state-backend";

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
export function openWays({ type, config }: Backend, environment: Environment): OpenWay[] {
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
