import type { z } from "zod";
import { UserError } from "../errors";

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

export interface VaultRequest {
  readonly method?: "GET" | "LIST" | "PUT" | "POST" | "DELETE";
  /** Below `/v1/`. */
  readonly path: string;
  readonly body?: object;
}

/** Calls one Vault, with a token or without. Each answer passes a schema; an answer without a body is `null`. */
export class VaultClient {
  constructor(
    /** Such as `http://127.0.0.1:8200`. */
    readonly address: string,
    private readonly token?: string,
  ) {}

  withToken(token: string): VaultClient {
    return new VaultClient(this.address, token);
  }

  /**
   * @throws VaultFailure where Vault refuses
   * @throws VaultUnreachable where it does not answer, or what answers is not Vault
   */
  async call<T extends z.ZodType>(request: VaultRequest, schema: T): Promise<z.output<T>> {
    const { method = "GET", path } = request;
    const call = `${method} ${path}`;
    let status: number;
    let text: string;
    try {
      const response = await fetch(`${this.address}/v1/${path}`, {
        method,
        headers: {
          "X-Vault-Request": "true",
          ...(this.token ? { "X-Vault-Token": this.token } : {}),
          ...(request.body ? { "Content-Type": "application/json" } : {}),
        },
        ...(request.body ? { body: JSON.stringify(request.body) } : {}),
        redirect: "error",
        signal: AbortSignal.timeout(15_000),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      throw this.unreachable(error);
    }
    const answer = parse(text);
    if (answer === undefined)
      throw this.unreachable(new Error(`${call} was answered with something that is not JSON`));
    if (status >= 400) throw new VaultFailure(status, errorsOf(answer), call);
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw this.unreachable(new Error(`${call} was answered in an unknown shape`));
    return parsed.data;
  }

  private unreachable(error: unknown): VaultUnreachable {
    const cause = error instanceof Error ? (error.cause instanceof Error ? error.cause : error) : undefined;
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    return new VaultUnreachable({
      problem: `Vault does not answer at ${this.address}.`,
      got: code ?? cause?.message ?? String(error),
      expected: "Vault's API",
      remedy: "See whether its container runs: `docker ps -a`; `npx openclaw-openrouter up` starts it.",
    });
  }
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
