import { randomUUID } from "node:crypto";
import type { Answer, Call } from "./stub";

/** A Vault's state machine, as far as bootstrap sees it: init, seal, tokens, AppRole. */
export class StubVault {
  initialized = false;
  sealed = true;
  /** What unseals it: by anything but `shamir` it does so itself. */
  type = "shamir";
  /** The shares of the present initialisation. */
  shares: string[] = [];
  threshold = 0;
  inits = 0;
  /** Living root tokens. */
  readonly roots = new Set<string>();
  readonly policies = new Map<string, string>();
  readonly roles = new Map<string, { roleId: string; secretIds: Map<string, string>; parameters: unknown }>();
  approle = false;
  /** The mounts of secrets engines. */
  readonly mounts = new Set<string>();
  /** Whether the answer is lost by which the next root token made of shares would be known. */
  losesNextRoot = false;
  private given: string[] = [];
  private generating: { given: string[] } | undefined;

  readonly answer = (call: Call): Answer => {
    const { name, token, body } = call;
    if (name === "GET sys/seal-status") return [200, this.status()];
    if (name === "GET sys/health") return [!this.initialized ? 501 : this.sealed ? 503 : 200, {}];
    if (name === "PUT sys/init") return this.init(body);
    if (name === "PUT sys/unseal") return this.unseal(body);
    if (this.sealed) return [503, { errors: ["Vault is sealed"] }];
    if (name.includes("sys/generate-root/")) return this.generateRoot(name, body);
    if (name === "POST auth/approle/login") return this.logIn(body);
    if (name.startsWith("GET sys/policies/acl/") && token) return this.readPolicy(name);
    if (!token || !this.roots.has(token)) return [403, { errors: ["permission denied"] }];
    return this.asRoot(call, token);
  };

  /** An empty data folder: what setting data aside leaves. */
  empty(): void {
    this.initialized = false;
    this.sealed = true;
    this.approle = false;
    this.roots.clear();
    this.roles.clear();
    this.policies.clear();
    this.mounts.clear();
  }

  private status() {
    const { initialized, sealed } = this;
    return {
      type: this.type,
      initialized,
      sealed,
      t: this.threshold,
      n: this.shares.length,
      progress: this.given.length,
      version: "1.21.2",
    };
  }

  private init({ recovery_shares, recovery_threshold, ...secret }: Record<string, number>): Answer {
    const isAuto = this.type !== "shamir";
    const { secret_shares = recovery_shares ?? 0, secret_threshold = recovery_threshold ?? 0 } = secret;
    if (isAuto !== (recovery_shares !== undefined)) return [400, { errors: ["parameters of another seal"] }];
    if (this.initialized) return [400, { errors: ["Vault is already initialized"] }];
    this.initialized = true;
    this.inits += 1;
    this.threshold = secret_threshold;
    this.shares = Array.from({ length: secret_shares }, (_, n) =>
      Buffer.from(`share ${this.inits}.${n}`).toString("base64"),
    );
    const root = this.newRoot();
    this.sealed = !isAuto;
    const [keys_base64, recovery_keys_base64] = isAuto ? [[], this.shares] : [this.shares, undefined];
    return [200, { keys_base64, recovery_keys_base64, root_token: root }];
  }

  private newRoot(): string {
    const root = `hvs.root-${randomUUID()}`;
    this.roots.add(root);
    return root;
  }

  private unseal({ key, reset }: { key?: string; reset?: boolean }): Answer {
    if (reset) this.given = [];
    else {
      this.given.push(String(key));
      if (this.given.length >= this.threshold) {
        const fits = this.given.every((each) => this.shares.includes(each));
        this.given = [];
        if (!fits) return [400, { errors: ["invalid key: failed to decrypt keyring"] }];
        this.sealed = false;
      }
    }
    return [200, this.status()];
  }

  private generateRoot(name: string, body: { key: string }): Answer {
    if (name === "DELETE sys/generate-root/attempt") {
      this.generating = undefined;
      return [204];
    }
    const otp = "x".repeat(80);
    if (name === "PUT sys/generate-root/attempt") {
      if (this.generating) return [400, { errors: ["root generation already in progress"] }];
      this.generating = { given: [] };
      return [200, { nonce: "n", otp, complete: false }];
    }
    this.generating?.given.push(body.key);
    const given = this.generating?.given ?? [];
    if (given.length < this.threshold || !given.every((each) => this.shares.includes(each))) {
      return [200, { nonce: "n", complete: false }];
    }
    const root = this.newRoot();
    if (this.losesNextRoot) {
      this.losesNextRoot = false;
      return [500, { errors: ["the answer was lost"] }];
    }
    const encoded = Buffer.from([...Buffer.from(root)].map((byte) => byte ^ "x".charCodeAt(0))).toString(
      "base64",
    );
    return [200, { nonce: "n", complete: true, encoded_token: encoded.replace(/=+$/, "") }];
  }

  private logIn({ role_id, secret_id }: { role_id: string; secret_id: string }): Answer {
    const role = [...this.roles.values()].find(
      ({ roleId, secretIds }) => roleId === role_id && secretIds.has(secret_id),
    );
    return role
      ? [200, { auth: { client_token: "hvb.batch" } }]
      : [400, { errors: ["invalid role or secret ID"] }];
  }

  private readPolicy(name: string): Answer {
    const policy = this.policies.get(name.slice("GET sys/policies/acl/".length));
    return policy === undefined ? [404, { errors: [] }] : [200, { data: { policy } }];
  }

  private asRoot({ name, body }: Call, token: string): Answer {
    const [method, path = ""] = name.split(" ");
    const [, role, rest] = /^auth\/approle\/role\/([^/]+)\/?(.*)$/.exec(path) ?? [];
    if (role) return this.asRootOnRole(role, `${method} ${rest}`, body);
    if (path.startsWith("sys/policies/acl/")) {
      this.policies.set(path.slice("sys/policies/acl/".length), body.policy);
      return [204];
    }
    switch (name) {
      case "GET sys/mounts":
        return [200, { data: Object.fromEntries([...this.mounts].map((mount) => [mount, { type: "kv" }])) }];
      case "POST sys/mounts/openclaw":
        this.mounts.add("openclaw/");
        return [204];
      case "GET auth/token/lookup-self":
        return [200, { data: { policies: ["root"], accessor: `a-${token}` } }];
      case "LIST auth/token/accessors":
        return [200, { data: { keys: ["a-gone", ...[...this.roots].map((root) => `a-${root}`)] } }];
      case "POST auth/token/lookup-accessor":
        return this.roots.has(body.accessor.slice(2))
          ? [200, { data: { policies: ["root"], accessor: body.accessor } }]
          : [403, { errors: ["invalid accessor"] }];
      case "POST auth/token/revoke-accessor":
        this.roots.delete(body.accessor.slice(2));
        return [204];
      case "POST auth/token/revoke-self":
        this.roots.delete(token);
        return [204];
      case "GET sys/auth":
        return [
          200,
          {
            data: {
              "token/": { type: "token" },
              ...(this.approle ? { "approle/": { type: "approle" } } : {}),
            },
          },
        ];
      case "POST sys/auth/approle":
        if (this.approle) return [400, { errors: ["path is already in use at approle/"] }];
        this.approle = true;
        return [204];
      default:
        return [404, { errors: [`the stub knows no ${name}`] }];
    }
  }

  private asRootOnRole(name: string, call: string, body: Record<string, string>): Answer {
    if (!this.approle) return [404, { errors: ["no handler for route"] }];
    if (call === "POST ") {
      const known = this.roles.get(name);
      this.roles.set(name, {
        roleId: known?.roleId ?? `role-${randomUUID()}`,
        secretIds: known?.secretIds ?? new Map(),
        parameters: body,
      });
      return [204];
    }
    const role = this.roles.get(name);
    if (!role) return [404, { errors: [] }];
    if (call === "GET role-id") return [200, { data: { role_id: role.roleId } }];
    if (call === "LIST secret-id") {
      const keys = [...role.secretIds.values()];
      return keys.length > 0 ? [200, { data: { keys } }] : [404, { errors: [] }];
    }
    if (call === "POST secret-id") {
      const secret = `secret-${randomUUID()}`;
      role.secretIds.set(secret, `accessor of ${secret}`);
      return [200, { data: { secret_id: secret } }];
    }
    if (call === "POST secret-id-accessor/destroy") {
      role.secretIds.delete(String(body.secret_id_accessor).replace("accessor of ", ""));
      return [204];
    }
    return [404, { errors: [`the stub knows no ${call}`] }];
  }
}
