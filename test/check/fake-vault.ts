import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { readerPolicy } from "../../lib/model/policies";
import type { VaultTlsFiles } from "../../lib/model/vault-tls";

/** What a Vault holds, as far as the check looks at it. A test changes it as it likes. */
export class FakeVault {
  version = "1.21.2";
  initialized = true;
  sealed = false;
  standby = false;
  /** Shares that unseal it, and how many of them. */
  shares = ["c2hhcmUx", "c2hhcmUy", "c2hhcmUz"];
  threshold = 2;
  /** `secret/openrouter`; undefined: there is none. */
  secret: { data: Record<string, unknown> | null; version: number; created: Date } | undefined;
  /** Identities that may log in. */
  identities = ["reader", "auditor"];
  readerPolicy = readerPolicy;
  /** What the reader may do beyond its secret, as `METHOD path`. */
  permitted: string[] = [];
  /** Living tokens: their policies by accessor. */
  tokens: Record<string, string[]> = {};
  audit: Record<string, { type: string }> = { "file/": { type: "file" } };
  /** Shares that it was given since it was sealed. */
  given: string[] = [];

  /** Status and body. */
  answer(
    method: string,
    path: string,
    token: string | undefined,
    body: Record<string, unknown>,
  ): [number, unknown] {
    if (path === "sys/seal-status") return [200, this.sealStatus()];
    if (path === "sys/health") return [this.sealed ? 503 : this.standby ? 429 : 200, {}];
    if (path === "sys/unseal") return this.unseal(body);
    if (this.sealed || !this.initialized) return [503, { errors: ["Vault is sealed"] }];
    if (path === "auth/approle/login") {
      const name = String(body.role_id).replace("role-", "");
      return this.identities.includes(name)
        ? [200, { auth: { client_token: name } }]
        : [400, { errors: ["invalid role or secret ID"] }];
    }
    if (token === "reader") return this.asReader(method, path);
    if (token === "auditor") return this.asAuditor(method, path, body);
    return [403, { errors: ["permission denied"] }];
  }

  private sealStatus() {
    const { initialized, sealed, version } = this;
    return {
      type: "shamir",
      initialized,
      sealed,
      t: this.threshold,
      n: this.shares.length,
      progress: this.given.length,
      version,
    };
  }

  /** Wrong shares show only once there are enough. */
  private unseal({ key, reset }: Record<string, unknown>): [number, unknown] {
    if (reset) this.given = [];
    else this.given.push(String(key));
    if (this.given.length < this.threshold) return [200, this.sealStatus()];
    const fits = this.given.every((each) => this.shares.includes(each));
    this.given = [];
    if (!fits) return [400, { errors: ["failed to decrypt keys from storage"] }];
    this.sealed = false;
    return [200, this.sealStatus()];
  }

  private asReader(method: string, path: string): [number, unknown] {
    if (this.permitted.includes(`${method} ${path}`)) return [200, { data: {} }];
    if (`${method} ${path}` !== "GET secret/data/openrouter" || this.readerPolicy === "") {
      return [403, { errors: ["permission denied"] }];
    }
    if (!this.secret) return [404, { errors: [] }];
    const { data, version, created } = this.secret;
    const metadata = { version, created_time: created.toISOString(), deletion_time: "", destroyed: false };
    return [200, { data: { data, metadata } }];
  }

  private asAuditor(method: string, path: string, body: Record<string, unknown>): [number, unknown] {
    switch (`${method} ${path}`) {
      case "LIST auth/token/accessors": {
        const keys = Object.keys(this.tokens);
        return keys.length > 0 ? [200, { data: { keys } }] : [404, { errors: [] }];
      }
      case "POST auth/token/lookup-accessor": {
        const policies = this.tokens[String(body.accessor)];
        return [200, { data: { policies, display_name: "token", accessor: body.accessor } }];
      }
      case "GET sys/audit":
        return [200, { data: this.audit }];
      case "GET sys/policies/acl/openclaw-reader":
        return [200, { data: { policy: this.readerPolicy } }];
      default:
        return [403, { errors: ["permission denied"] }];
    }
  }
}

/** Serves a {@link FakeVault} on loopback. @param tls by TLS, with these files. @default plain HTTP */
export async function serveVault(
  vault: FakeVault,
  tls?: VaultTlsFiles,
): Promise<{ port: number; close: () => Promise<void> }> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const sent = await text(request);
    const token = request.headers["x-vault-token"];
    const url = new URL(request.url ?? "", "http://vault");
    const path = url.pathname.replace("/v1/", "");
    const method = url.searchParams.get("list") === "true" ? "LIST" : (request.method ?? "GET");
    const [status, body] = vault.answer(
      method,
      path,
      typeof token === "string" ? token : undefined,
      sent ? JSON.parse(sent) : {},
    );
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  const server = tls
    ? createSecureServer({ cert: readFileSync(tls.certificateFile), key: readFileSync(tls.keyFile) }, answer)
    : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
