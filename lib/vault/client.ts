import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { z } from "zod";
import { UserError } from "../errors";
import type { ExistingVault, VaultPlace } from "../model/deployment";
import { boundedText, CertificateRefused, type Exchange, exchange, openExchange } from "./exchange";

/** An answer of Vault that is not a success. */
export class VaultFailure extends Error {
  constructor(
    readonly status: number,
    /** Vault's own words; it never repeats a token or a secret in them. */
    readonly errors: readonly string[],
    readonly call: string,
  ) {
    super(`Vault answered ${status} to ${call}: ${errors.join("; ") || "no reason given"}`);
    this.name = "VaultFailure";
  }
}

/** Vault does not answer at its address: nothing listens there, or something else does. */
export class VaultUnreachable extends UserError {}

/** What answers at Vault's address cannot show by its certificate that it is Vault. Waiting does not mend it. */
export class VaultUntrusted extends UserError {}

export interface VaultRequest {
  readonly method?: "GET" | "LIST" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** Below `/v1/`. */
  readonly path: string;
  readonly body?: object;
}

/** How long Vault may take to begin with an answer of bytes, or to take some in, in milliseconds. */
const longAnswer = 300_000;

/** Calls one Vault, with a token or without. Each answer passes a schema; an answer without a body is `null`. */
export class VaultClient {
  constructor(
    /** Such as `http://127.0.0.1:8200`. */
    readonly address: string,
    private readonly token?: string,
    private readonly caFile?: string,
    private readonly existing?: ExistingVault,
  ) {}

  static at({ address, caFile, existing }: VaultPlace): VaultClient {
    return new VaultClient(address, undefined, caFile, existing);
  }

  withToken(token: string): VaultClient {
    return new VaultClient(this.address, token, this.caFile, this.existing);
  }

  /**
   * @throws VaultFailure where Vault refuses
   * @throws VaultUnreachable where it does not answer, or what answers is not Vault
   * @throws VaultUntrusted where its certificate is refused
   */
  async call<T extends z.ZodType>(request: VaultRequest, schema: T): Promise<z.output<T>> {
    const { method = "GET", path } = request;
    const call = `${method} ${path}`;
    const body = request.body && JSON.stringify(request.body);
    const { status, text } = await exchange(
      `${this.address}/v1/${path}${method === "LIST" ? "?list=true" : ""}`,
      {
        // Vault's own method LIST is not one of HTTP's: a proxy or a strict parser refuses it, and Vault takes this form too.
        method: method === "LIST" ? "GET" : method,
        headers: this.headers(
          body
            ? { "Content-Type": contentType(method), "Content-Length": String(Buffer.byteLength(body)) }
            : {},
        ),
        timeout: 15_000,
        ...(body ? { body } : {}),
        ...this.trusted(),
      },
    ).catch((error) => this.failed(error));
    if (status >= 300 && status < 400) throw this.unreachable(new Error(`${call} was redirected`));
    const answer = parse(text);
    if (answer === undefined)
      throw this.unreachable(new Error(`${call} was answered with something that is not JSON`));
    if (status >= 400) throw new VaultFailure(status, errorsOf(answer), call);
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw this.unreachable(new Error(`${call} was answered in an unknown shape`));
    return parsed.data;
  }

  /**
   * An answer that is bytes, as it comes.
   * @throws as {@link call}
   */
  download(path: string): Promise<IncomingMessage> {
    return this.open("GET", path, {});
  }

  /**
   * Sends bytes of any length; Vault's answer has no body.
   * @throws as {@link call}
   */
  async upload(path: string, body: Readable): Promise<void> {
    await boundedText(await this.open("POST", path, { body }));
  }

  private async open(method: string, path: string, more: Pick<Exchange, "body">): Promise<IncomingMessage> {
    const response = await openExchange(`${this.address}/v1/${path}`, {
      method,
      headers: this.headers(),
      timeout: longAnswer,
      ...more,
      ...this.trusted(),
    }).catch((error) => this.failed(error));
    const status = response.statusCode ?? 0;
    if (status < 300) return response;
    if (status < 400) throw this.unreachable(new Error(`${method} ${path} was redirected`));
    throw new VaultFailure(status, errorsOf(parse(await boundedText(response))), `${method} ${path}`);
  }

  private headers(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      "X-Vault-Request": "true",
      ...(this.token ? { "X-Vault-Token": this.token } : {}),
      ...more,
    };
  }

  private trusted(): Pick<Exchange, "ca"> {
    return this.caFile ? { ca: this.readCa(this.caFile) } : {};
  }

  private failed(error: unknown): never {
    throw error instanceof CertificateRefused ? this.untrusted(error) : this.unreachable(error);
  }

  private readCa(path: string): string {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw new VaultUntrusted({
        problem: `${path}, which is to vouch for Vault's certificate, cannot be read.`,
        got: (error as NodeJS.ErrnoException).code ?? "an unreadable file",
        remedy: `Put it back, or change \`vault.${this.existing ? "caFile" : "tls.caFile"}\` in the settings.`,
      });
    }
  }

  private untrusted({ message }: CertificateRefused): VaultUntrusted {
    return new VaultUntrusted({
      problem: `What answers at ${this.address} does not show by its certificate that it is this Vault.`,
      got: message,
      expected: `a certificate that names ${new URL(this.address).hostname}, is in force, and is vouched for by ${this.caFile ?? "an authority that Node knows"}`,
      remedy: this.existing
        ? "Name what vouches for it by `vault.caFile` in the settings, and see that `vault.address` is a name in the certificate."
        : "Mend the files that `vault.tls` names in the settings, then npx openclaw-openrouter up, which has Vault serve them.",
    });
  }

  private unreachable(error: unknown): VaultUnreachable {
    const { code, message } = error as NodeJS.ErrnoException;
    return new VaultUnreachable({
      problem: `Vault does not answer at ${this.address}.`,
      got: code ?? message,
      expected: "Vault's API",
      remedy: this.existing
        ? startRemedy(this.existing)
        : "See whether its container runs: `docker ps -a`; `npx openclaw-openrouter up` starts it.",
    });
  }
}

function startRemedy({ container }: ExistingVault): string {
  return container
    ? `It is not this program's to start: docker start ${container}, then unseal it.`
    : "It is not this program's to start: see that it runs, and that `vault.address` in the settings is its address.";
}

function contentType(method: string): string {
  return method === "PATCH" ? "application/merge-patch+json" : "application/json";
}

function parse(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorsOf(answer: unknown): string[] {
  const errors = (answer as { errors?: unknown } | null)?.errors;
  return Array.isArray(errors) ? errors.map(String) : [];
}
