import { randomUUID } from "node:crypto";
import { StubMounts } from "./mounts";
import { StubRekey } from "./rekey";
import type { Answer, Call } from "./server";

/** A Vault's state machine, as far as tests need it: init, seal, tokens, AppRole. It begins empty. */
export class StubVault {
  version = "1.21.2";
  /** Whether another server of its cluster is the active one. */
  standby = false;
  initialized = false;
  /** Why it refuses to be initialized, though it is not: killed while it was, for example. */
  initRefusal: string | undefined;
  sealed = true;
  /** What unseals it: by anything but `shamir` it does so itself. */
  type = "shamir";
  /** The shares of the present initialization. */
  shares: string[] = [];
  threshold = 0;
  inits = 0;
  /** Living root tokens. */
  readonly roots = new Set<string>();
  readonly policies = new Map<string, string>();
  readonly roles = new Map<string, { roleId: string; secretIds: Map<string, string>; parameters: object }>();
  /** The ids of the roles whose entities are disabled. */
  readonly disabled = new Set<string>();
  /** The ids of the roles with which too many logins failed. */
  readonly lockedOut = new Set<string>();
  readonly mounts = new StubMounts();
  /** Whether the answer is lost by which the next root token made of shares would be known. */
  losesNextRoot = false;
  /** Called before each call is answered: what somebody else does in between. */
  meanwhile: (call: Call) => void = () => {};
  /** Shares that it was given since it was sealed. */
  given: string[] = [];
  private generating: { nonce: string; given: string[] } | undefined;
  private readonly rekey = new StubRekey(this);

  answer(call: Call): Answer {
    this.meanwhile(call);
    return this.answerTo(call);
  }

  /** A call of somebody else's, who has no token. */
  stranger(name: string, body: object = {}): Answer {
    return this.answerTo({ name, token: undefined, body });
  }

  protected answerTo(call: Call): Answer {
    const { name, token, body } = call;
    if (name === "GET sys/seal-status") return [200, this.status()];
    if (name === "GET sys/health") return [this.health(), {}];
    if (name === "PUT sys/init") return this.init(body);
    if (name === "PUT sys/unseal") return this.unseal(body);
    if (this.sealed || !this.initialized) return [503, { errors: ["Vault is sealed"] }];
    if (name.includes("sys/generate-root/")) return this.generateRoot(name, body);
    if (name.includes("sys/rekey/")) return this.rekey.answer(name, body);
    if (name === "POST auth/approle/login") return this.logIn(body);
    if (name.startsWith("GET sys/policies/acl/") && token) return this.readPolicy(name);
    if (token && /^GET (sys\/|auth\/approle\/role\/[^/]+$)/.test(name)) return this.asAuditor(call);
    if (!token || !this.roots.has(token)) return [403, { errors: ["permission denied"] }];
    return this.asRoot(call, token);
  }

  /** An empty data folder: what setting data aside leaves. */
  empty(): void {
    this.initialized = false;
    this.initRefusal = undefined;
    this.sealed = true;
    this.mounts.empty();
    this.roots.clear();
    this.roles.clear();
    this.policies.clear();
  }

  private health(): number {
    if (!this.initialized) return 501;
    if (this.sealed) return 503;
    return this.standby ? 429 : 200;
  }

  private status() {
    const { initialized, sealed, version } = this;
    return {
      type: this.type,
      initialized,
      sealed,
      t: this.threshold,
      n: this.shares.length,
      progress: this.given.length,
      version,
    };
  }

  private init({ recovery_shares, recovery_threshold, ...secret }: Record<string, number>): Answer {
    const isAuto = this.type !== "shamir";
    const { secret_shares = recovery_shares ?? 0, secret_threshold = recovery_threshold ?? 0 } = secret;
    if (isAuto !== (recovery_shares !== undefined)) return [400, { errors: ["parameters of another seal"] }];
    if (this.initialized) return [400, { errors: ["Vault is already initialized"] }];
    if (this.initRefusal) return [400, { errors: [this.initRefusal] }];
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
    if (reset && !this.sealed) return [400, { errors: ["vault is unsealed"] }];
    if (reset) this.given = [];
    else if (this.sealed) {
      this.given.push(String(key));
      if (this.given.length >= this.threshold) {
        const fits = this.given.every((each) => this.shares.includes(each));
        this.given = [];
        if (!fits) return [400, { errors: ["failed to decrypt keys from storage: invalid key"] }];
        this.sealed = false;
      }
    }
    return [200, this.status()];
  }

  private generateRoot(name: string, body: { key: string; nonce: string }): Answer {
    const required = this.threshold;
    if (name === "DELETE sys/generate-root/attempt") {
      this.generating = undefined;
      return [204];
    }
    const otp = "x".repeat(80);
    if (name === "PUT sys/generate-root/attempt") {
      if (this.generating) return [400, { errors: ["root generation already in progress"] }];
      this.generating = { nonce: randomUUID(), given: [] };
      return [200, { nonce: this.generating.nonce, otp, complete: false, progress: 0, required }];
    }
    if (!this.generating) return [400, { errors: ["no root generation in progress"] }];
    const { nonce, given } = this.generating;
    if (name === "GET sys/generate-root/attempt") return [200, { nonce, complete: false }];
    if (body.nonce !== nonce) {
      const words = `incorrect nonce supplied; nonce for this root generation operation is "${nonce}"`;
      return [400, { errors: [words] }];
    }
    given.push(body.key);
    const progress = given.length;
    if (progress < required) return [200, { nonce, complete: false, progress, required }];
    const fits = given.every((each) => this.shares.includes(each));
    given.length = 0;
    if (!fits) return [400, { errors: ["root generation aborted: root key verification failed"] }];
    this.generating = undefined;
    const root = this.newRoot();
    if (this.losesNextRoot) {
      this.losesNextRoot = false;
      return [500, { errors: ["the answer was lost"] }];
    }
    const encoded = Buffer.from([...Buffer.from(root)].map((byte) => byte ^ "x".charCodeAt(0))).toString(
      "base64",
    );
    const encoded_token = encoded.replace(/=+$/, "");
    return [200, { nonce, complete: true, progress, required, encoded_token }];
  }

  private logIn({ role_id, secret_id }: { role_id: string; secret_id: string }): Answer {
    const role = [...this.roles.values()].find(
      ({ roleId, secretIds }) => roleId === role_id && secretIds.has(secret_id),
    );
    if (role && (this.disabled.has(role.roleId) || this.lockedOut.has(role.roleId)))
      return [403, { errors: ["permission denied"] }];
    return role
      ? [200, { auth: { client_token: "hvb.batch" } }]
      : [400, { errors: ["invalid role or secret ID"] }];
  }

  private readPolicy(name: string): Answer {
    const policy = this.policies.get(name.slice("GET sys/policies/acl/".length));
    return policy === undefined ? [404, { errors: [] }] : [200, { data: { policy } }];
  }

  private asAuditor(call: Call): Answer {
    const [, role] = /^GET auth\/approle\/role\/(.+)$/.exec(call.name) ?? [];
    const found = role ? this.asRootOnRole(role, "GET ", {}) : this.mounts.answer(call);
    return found ?? [404, { errors: [] }];
  }

  private asRoot(call: Call, token: string): Answer {
    const { name, body } = call;
    const [method, path = ""] = name.split(" ");
    const [, role, rest] = /^auth\/approle\/role\/([^/]+)\/?(.*)$/.exec(path) ?? [];
    if (role) return this.asRootOnRole(role, `${method} ${rest}`, body);
    if (path.startsWith("sys/policies/acl/")) {
      this.policies.set(path.slice("sys/policies/acl/".length), body.policy);
      return [204];
    }
    if (path.startsWith("identity/entity/id/") && body.disabled === false) {
      this.disabled.delete(path.slice("identity/entity/id/of-".length));
      return [204];
    }
    const [, lockedOut] = /^sys\/locked-users\/approle_\d+\/unlock\/(.+)$/.exec(path) ?? [];
    if (lockedOut && method === "POST") {
      this.lockedOut.delete(lockedOut);
      return [204];
    }
    switch (name) {
      case "POST identity/lookup/entity":
        return this.disabled.has(body.alias_name)
          ? [200, { data: { id: `of-${body.alias_name}`, disabled: true } }]
          : [204];
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
      default:
        return this.mounts.answer(call) ?? [404, { errors: [`the stub knows no ${name}`] }];
    }
  }

  private asRootOnRole(name: string, call: string, body: Record<string, string>): Answer {
    if (!this.mounts.methods.has("approle/")) return [404, { errors: ["no handler for route"] }];
    if (call === "POST ") {
      const known = this.roles.get(name);
      this.roles.set(name, {
        roleId: known?.roleId ?? `role-${randomUUID()}`,
        secretIds: known?.secretIds ?? new Map(),
        parameters: { ...known?.parameters, ...body },
      });
      return [204];
    }
    const role = this.roles.get(name);
    if (!role) return [404, { errors: [] }];
    if (call === "GET ") return [200, { data: { local_secret_ids: false, ...role.parameters } }];
    if (call === "DELETE ") {
      this.roles.delete(name);
      return [204];
    }
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
