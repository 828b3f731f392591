import { requireEncryptedState, type StateBackend } from "../../lib/config/backend";
import { UserError } from "../../lib/core/errors";

type Row = [
  type: StateBackend["type"],
  config: Record<string, unknown>,
  environment?: Record<string, string>,
];

/** What is told of a backend's way; undefined: it is encrypted, or stays on this host. */
function refusal([type, config, environment = {}]: Row): string | undefined {
  try {
    requireEncryptedState({ type, config }, environment);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return String(error);
  }
}

const encrypted: Row[] = [
  ["local", {}, { TF_HTTP_ADDRESS: "http://state.example" }],
  ["pg", {}],
  ["pg", { conn_str: "postgres://terraform@127.0.0.1/state?sslmode=disable" }],
  ["pg", { conn_str: "postgres://terraform@[::1]:5432/state?sslmode=disable" }],
  ["pg", { conn_str: "postgres:///state?host=/var/run/postgresql&sslmode=disable" }],
  ["pg", { conn_str: "postgres://%2Fvar%2Frun%2Fpostgresql/state" }],
  ["pg", { conn_str: "host=/var/run/postgresql dbname=state" }],
  ["pg", { conn_str: "host='@abstract' sslmode=disable" }],
  ["pg", { conn_str: "dbname=state sslmode=disable" }],
  ["pg", { conn_str: "postgres://db.example/state?sslmode=require" }],
  ["pg", { conn_str: "postgres://db.example/state?sslmode=verify-full" }],
  ["pg", { conn_str: "host=db.example sslmode = 'verify-ca'" }],
  ["pg", { conn_str: "postgres://db.example/state" }, { PGSSLMODE: "verify-full" }],
  ["pg", {}, { PGHOST: "db.example", PGSSLMODE: "require" }],
  ["pg", { conn_str: "host=localhost" }, { PG_CONN_STR: "postgres://db.example/?sslmode=disable" }],
  ["pg", { conn_str: "host=localhost" }, { PGHOST: "db.example" }],
  ["http", { address: "https://state.example" }],
  ["http", { address: "http://127.0.0.1:8080/state", lock_address: "http://localhost:8080/lock" }],
  ["http", { address: "https://state.example" }, { HTTP_PROXY: "http://proxy.example" }],
  ["consul", {}],
  ["consul", { address: "127.0.0.1:8500", path: "state" }],
  ["consul", { address: "consul.example:8501", scheme: "https" }],
  ["consul", { address: "https://consul.example:8501" }],
  ["consul", { address: "unix:///run/consul.sock" }],
  ["consul", {}, { CONSUL_HTTP_ADDR: "consul.example:8501", CONSUL_HTTP_SSL: "true" }],
  ["s3", { bucket: "state", region: "eu-central-1" }],
  ["s3", { endpoints: { s3: "https://minio.example", sts: "http://localhost:9000" } }],
  ["s3", { http_proxy: "http://proxy.example", ec2_metadata_service_endpoint: "http://169.254.169.254" }],
  [
    "s3",
    {},
    {
      AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://169.254.169.254",
      AWS_ENDPOINT_URL: "https://minio.example",
    },
  ],
  ["gcs", { bucket: "state" }, { STORAGE_EMULATOR_HOST: "localhost:4443" }],
  ["azurerm", { msi_endpoint: "http://169.254.169.254/metadata" }],
  ["remote", { hostname: "app.terraform.io" }, { AWS_ENDPOINT_URL: "http://minio.example" }],
];

test.each(encrypted)("%s %j with %j is permitted", (type, config, environment = {}) => {
  expect(refusal([type, config, environment])).toBeUndefined();
});

const open: [...Required<Row>, by: string][] = [
  ["pg", { conn_str: "postgres://terraform@db.example/state" }, {}, "terraform.backend.config.conn_str"],
  ["pg", { conn_str: "postgres://db.example/state?sslmode=disable" }, {}, "sslmode disable"],
  [
    "pg",
    { conn_str: "postgres://db.example/state?sslmode=prefer" },
    { PGSSLMODE: "verify-full" },
    "sslmode prefer",
  ],
  ["pg", { conn_str: "postgres://db.example/state?sslmode=require&sslmode=disable" }, {}, "require, disable"],
  ["pg", { conn_str: "postgresql://localhost,db.example/state" }, {}, "the host db.example"],
  ["pg", { conn_str: "postgres://localhost/state?host=db.example" }, {}, "the host db.example"],
  ["pg", { conn_str: "postgres://localhost@db.example/state" }, {}, "the host db.example"],
  ["pg", { conn_str: "postgres://u:p@127.0.0.1@db.example/state" }, {}, "the host db.example"],
  ["pg", { conn_str: "host=10.0.0.5 sslmode=allow" }, {}, "the host 10.0.0.5"],
  ["pg", { conn_str: "host=localhost hostaddr=10.0.0.5" }, {}, "the host 10.0.0.5"],
  ["pg", { conn_str: "host = 'localhost.example'" }, {}, "the host localhost.example"],
  ["pg", { conn_str: "dbname=state" }, { PGHOST: "db.example" }, "PGHOST"],
  ["pg", {}, { PG_CONN_STR: "postgres://db.example/state" }, "PG_CONN_STR"],
  ["pg", {}, { PGHOST: "db.example", PGSSLMODE: "disable" }, "PGHOST"],
  ["pg", { conn_str: "service=state" }, {}, "the service state"],
  ["pg", {}, { PGSERVICE: "state" }, "the service state"],
  [
    "http",
    { address: "http://state.example/a?token=t-42" },
    {},
    "terraform.backend.config.address: http://state.example/a",
  ],
  ["http", { address: "HTTP://127.0.0.1@state.example" }, {}, "config.address"],
  [
    "http",
    { address: "https://state.example", lock_address: "http://state.example/lock" },
    {},
    "config.lock_address",
  ],
  [
    "http",
    { address: "https://state.example" },
    { TF_HTTP_UNLOCK_ADDRESS: "http://10.0.0.5" },
    "TF_HTTP_UNLOCK_ADDRESS",
  ],
  ["http", {}, { TF_HTTP_ADDRESS: "http://u:pw-42@state.example" }, "TF_HTTP_ADDRESS: http://state.example"],
  ["consul", { address: "consul.example:8500" }, {}, "config.address"],
  ["consul", { address: "consul.example", scheme: "http" }, { CONSUL_HTTP_SSL: "true" }, "config.address"],
  ["consul", {}, { CONSUL_HTTP_ADDR: "http://10.0.0.5:8500" }, "CONSUL_HTTP_ADDR"],
  ["consul", {}, { CONSUL_HTTP_ADDR: "10.0.0.5:8500", CONSUL_HTTP_SSL: "false" }, "CONSUL_HTTP_ADDR"],
  ["consul", {}, { CONSUL_HTTP_ADDR: "10.0.0.5:8500", CONSUL_HTTP_SSL: "yes" }, "CONSUL_HTTP_ADDR"],
  ["s3", { endpoint: "http://minio:9000" }, {}, "config.endpoint"],
  ["s3", { endpoints: { dynamodb: "http://minio:9000" } }, {}, "config.endpoints.dynamodb"],
  ["s3", {}, { AWS_ENDPOINT_URL: "http://minio:9000" }, "AWS_ENDPOINT_URL"],
  ["s3", {}, { AWS_ENDPOINT_URL_S3: "http://0.0.0.0:9000" }, "AWS_ENDPOINT_URL_S3"],
  ["s3", {}, { AWS_STS_ENDPOINT: "http://minio:9000" }, "AWS_STS_ENDPOINT"],
  ["gcs", { storage_custom_endpoint: "http://gcs.example" }, {}, "config.storage_custom_endpoint"],
  ["gcs", {}, { STORAGE_EMULATOR_HOST: "gcs:4443" }, "STORAGE_EMULATOR_HOST"],
  ["gcs", {}, { GOOGLE_STORAGE_CUSTOM_ENDPOINT: "http://gcs.example" }, "GOOGLE_STORAGE_CUSTOM_ENDPOINT"],
  ["azurerm", { endpoint: "http://azurite:10000" }, {}, "config.endpoint"],
  ["azurerm", {}, { ARM_OIDC_REQUEST_URL: "http://oidc.example" }, "ARM_OIDC_REQUEST_URL"],
];

test.each(open)("%s %j with %j is refused", (type, config, environment, by) => {
  const told = refusal([type, config, environment]);
  expect(told).toContain("would leave this host unencrypted");
  expect(told).toContain(by);
  expect(told).not.toMatch(/-42/);
});
