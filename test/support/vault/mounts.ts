import type { Answer, Call } from "./server";

interface Mount {
  type: string;
  accessor: string;
  description: string;
  options: Record<string, string> | null;
  config: Record<string, unknown>;
}

interface AuditDevice {
  type: string;
  description: string;
  options: Record<string, string>;
}

const untuned = { default_lease_ttl: 0, max_lease_ttl: 0, force_no_cache: false };

/** Audit devices, secrets engines, auth methods, and what a Vault as a whole is told, as far as bootstrap sees them. */
export class StubMounts {
  readonly audit = new Map<string, AuditDevice>();
  readonly engines = new Map<string, Mount>();
  readonly methods = new Map<string, Mount>();
  readonly headers = new Map<string, { hmac: boolean }>([["user-agent", { hmac: false }]]);
  cors = false;
  private made = 0;

  /** Undefined if the call is about something else. */
  answer({ name, body }: Call): Answer | undefined {
    const [method, path = ""] = name.split(" ");
    if (name === "GET sys/audit") return listed(this.audit);
    if (name === "GET sys/mounts") return listed(this.engines);
    if (name === "GET sys/auth") return listed(this.methods);
    if (name === "GET sys/config/auditing/request-headers")
      return [200, { data: { headers: Object.fromEntries(this.headers) } }];
    if (name === "DELETE sys/config/cors") {
      this.cors = false;
      return [204];
    }
    const [, header] = /^sys\/config\/auditing\/request-headers\/(.+)$/.exec(path) ?? [];
    if (header && method === "DELETE") {
      this.headers.delete(header);
      return [204];
    }
    const [, kind, at, tune] = /^sys\/(audit|mounts|auth)\/([^/]+)(\/tune)?$/.exec(path) ?? [];
    if (kind === "audit") return this.onAudit(method, `${at}/`, body);
    if (kind && method === "POST") {
      const mounts = kind === "mounts" ? this.engines : this.methods;
      return tune ? tuned(mounts.get(`${at}/`), body) : this.mounted(mounts, `${at}/`, body);
    }
    return undefined;
  }

  empty(): void {
    for (const each of [this.audit, this.engines, this.methods]) each.clear();
  }

  private onAudit(method: string | undefined, at: string, body: AuditDevice): Answer | undefined {
    if (method === "DELETE") return [this.audit.delete(at) ? 204 : 400];
    if (method !== "POST") return undefined;
    if (this.audit.has(at)) return [400, { errors: ["path already in use"] }];
    const { type, description, options } = body;
    this.audit.set(at, { type, description, options });
    return [204];
  }

  private mounted(mounts: Map<string, Mount>, at: string, body: Partial<Mount>): Answer {
    if (mounts.has(at)) return [400, { errors: [`path is already in use at ${at}`] }];
    const { type = "", description = "", options = null } = body;
    mounts.set(at, {
      type,
      accessor: `${type}_${++this.made}`,
      description,
      options,
      config: { ...untuned },
    });
    return [204];
  }
}

/** What is set to nothing is not listed any more. */
function tuned(mount: Mount | undefined, body: Record<string, unknown>): Answer {
  if (!mount) return [400, { errors: ["no mount there"] }];
  for (const [name, value] of Object.entries(body)) {
    if (name === "description") mount.description = String(value);
    else if (value === "") delete mount.config[name];
    else mount.config[name] = name.endsWith("_ttl") ? Number(value) : value;
  }
  return [204];
}

function listed(all: Map<string, object>): Answer {
  return [200, { data: Object.fromEntries(all) }];
}
