import { readerPolicy } from "../../../lib/model/vault/policies";
import type { Answer, Call } from "./server";
import { StubVault } from "./vault";

/** A Vault with what a deploy leaves in it, as far as the reader and the auditor see it. A test changes it as it likes. */
export class DeployedVault extends StubVault {
  override initialized = true;
  override sealed = false;
  override shares = ["c2hhcmUx", "c2hhcmUy", "c2hhcmUz"];
  override threshold = 2;
  /** `secret/openrouter`; undefined: there is none. */
  secret: { data: Record<string, unknown> | null; version: number; created: Date; ends?: string } | undefined;
  /** Identities that may log in. */
  identities = ["reader", "auditor"];
  readerPolicy = readerPolicy("secret/openrouter");
  /** What the reader may do beyond its secret, as `METHOD path`. */
  permitted: string[] = [];
  /** The statuses of calls that the reader may make, or that Vault cannot answer, by `METHOD path`. */
  failing: Record<string, number> = {};
  /** Living tokens: their policies by accessor. */
  tokens: Record<string, string[]> = {};
  audit: Record<string, { type: string }> = { "file/": { type: "file" } };

  protected override answerTo(call: Call): Answer {
    const { name, token, body } = call;
    if (this.initialized && !this.sealed) {
      if (name === "POST auth/approle/login") return this.logInByName(String(body.role_id));
      if (token === "reader") return this.asReader(name);
      if (token === "auditor") return this.asItsAuditor(call);
    }
    return super.answerTo(call);
  }

  /** A token is its identity's name. */
  private logInByName(roleId: string): Answer {
    const name = roleId.replace("role-", "");
    return this.identities.includes(name)
      ? [200, { auth: { client_token: name } }]
      : [400, { errors: ["invalid role or secret ID"] }];
  }

  private asReader(name: string): Answer {
    if (this.permitted.includes(name)) return [200, { data: {} }];
    const status = this.failing[name];
    if (status) return [status, { errors: ["failed"] }];
    if (name !== "GET secret/data/openrouter" || this.readerPolicy === "")
      return [403, { errors: ["permission denied"] }];
    if (!this.secret) return [404, { errors: [] }];
    const { data, version, created, ends = "" } = this.secret;
    const metadata = { version, created_time: created.toISOString(), deletion_time: ends, destroyed: false };
    return [200, { data: { data, metadata } }];
  }

  private asItsAuditor({ name, body }: Call): Answer {
    switch (name) {
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
