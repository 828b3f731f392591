import { readFileSync } from "node:fs";
import type { Agent, IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { attempt } from "../core/attempt";
import { boundedText, longest } from "../core/bounded";
import { ifError, SystemError } from "../core/errors";
import { exchange, fewConnections, type HttpOptions, KnownSideAgent, open } from "../core/network/http";
import { shortLine } from "../core/plain-text";
import type { VaultPlace } from "../model/deployment";
import { namesAt } from "../model/vault/vault-names";
import { Cluster } from "./cluster";
import { requireKnownListener } from "./known-listener";
import { anything, keysAnswer } from "./schemas";
import {
  caUnreadable,
  notVault,
  Redirected,
  redirected,
  speaksTls,
  VaultUnreachable,
  wantsTls,
  whyUnanswered,
} from "./unanswered";

/** What this program's own identities may do, nobody but a person with the shares, or an admin's token, can have changed. */
const changedRights =
  "Somebody changed a policy, a role or a token in Vault. See what: openclaw-openrouter drift\nTo write them again, with the shares or an admin's token: openclaw-openrouter up";

const seeLog = "See Vault's log: docker logs of its container.";

/** A Vault without room answers in the system's words once, and from then on as a server of a cluster without an active one. */
const withoutRoom = /no space left on device|disk quota exceeded|active cluster node not found/;

/** How to fix a Vault that is unsealed and not active. */
export const fixInactive = `openclaw-openrouter doctor\nshows if the disk with an own Vault's data is full, the usual cause. Once there is room, Vault becomes active by itself. ${seeLog}`;

/** A hostile Vault answers with up to a megabyte, and with lines that look like this program's own. */
const longestWords = 500;

/** An error that Vault answers. */
export class VaultFailure extends SystemError {
  override readonly fix: string;

  constructor(
    readonly status: number,
    /** Vault's error messages, which never contain a token or a secret. */
    readonly errors: readonly string[],
    readonly call: string,
  ) {
    super(
      `Vault answered ${status} to ${call}: ${shortLine(errors.join("; "), longestWords) || "no reason given"}`,
    );
    this.name = "VaultFailure";
    const isInactive = errors.some((error) => withoutRoom.test(error));
    this.fix = status === 403 ? changedRights : isInactive ? fixInactive : `${seeLog} Then run this again.`;
  }
}

export interface VaultRequest {
  readonly method?: "GET" | "LIST" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** Below `/v1/`. */
  readonly path: string;
  readonly body?: object | undefined;
  /** Has Vault keep the answer for this many seconds, and give it once to who has the wrapping token. @default it answers */
  readonly wrapSeconds?: number;
}

/** The timeout for Vault to start a binary answer, or to receive an upload, in milliseconds. */
const longAnswer = 300_000;

/** A cluster's servers elect another active one within this time, and look for it with this pause: in milliseconds. */
const [settleTime, settlePause] = [10_000, 500];

/** The calls about the server itself, which exist in the root namespace only. */
const ofRootNamespace = /^sys\/(seal-status|health|leader|init)(\?|$)/;

/** A client of one Vault, with or without a token. A schema validates each answer; an answer without a body is `null`. */
export class VaultClient {
  /** For plain HTTP only. Its connections are shared with the clients that {@link withToken} makes. */
  private readonly agent: KnownSideAgent | undefined;
  /** If the place has several addresses. */
  private readonly cluster: Cluster | undefined;

  private constructor(
    private readonly place: VaultPlace,
    private readonly token?: string,
    agent?: KnownSideAgent,
    /** The path of the secret with the key: `secret/openrouter`, or another one in an external Vault. */
    readonly keyPath: string = namesAt(place).keyPath,
  ) {
    const { address, otherAddresses, listener } = place;
    if (otherAddresses) this.cluster = Cluster.at([address, ...otherAddresses]);
    this.agent = address.startsWith("http:")
      ? (agent ?? new KnownSideAgent((socket) => requireKnownListener(socket, address, listener)))
      : undefined;
  }

  static at(place: VaultPlace): VaultClient {
    return new VaultClient(place);
  }

  withToken(token: string): VaultClient {
    return new VaultClient(this.place, token, this.agent, this.keyPath);
  }

  /** The same client, for the secret with another key. @param keyPath its path, as people write it */
  forKey(keyPath: string): VaultClient {
    return new VaultClient(this.place, this.token, this.agent, keyPath);
  }

  /** Such as `https://127.0.0.1:8200`; of several that of the server which answered last. */
  get address(): string {
    return this.cluster?.address ?? this.place.address;
  }

  /**
   * @throws VaultFailure if Vault refuses the call
   * @throws VaultUnreachable if Vault does not answer, or another program does
   * @throws VaultUntrusted if its certificate is refused, or the listener at a plain HTTP address is unknown
   */
  async call<T extends z.ZodType>(request: VaultRequest, schema: T): Promise<z.output<T>> {
    const { cluster } = this;
    if (!cluster) return this.callOnce(request, schema);
    const settled = performance.now() + settleTime;
    for (let tries = 1; ; tries++) {
      await this.choose();
      try {
        return await this.callOnce(request, schema);
      } catch (error) {
        const isAllowed = hasNoActive(error) ? performance.now() < settled : tries < cluster.size;
        if (!isAllowed || !mayAskAnother(request, error)) throw error;
        cluster.forget();
        if (tries >= cluster.size) await sleep(settlePause);
      }
    }
  }

  /** The place with the address that is called. */
  private get side(): VaultPlace {
    return { ...this.place, address: this.address };
  }

  /** Chooses a server that answers, if the place has several addresses. */
  private async choose(): Promise<void> {
    const { caFile } = this.place;
    await this.cluster?.choose(caFile && this.readCa(caFile));
  }

  private async callOnce<T extends z.ZodType>(request: VaultRequest, schema: T): Promise<z.output<T>> {
    const { method = "GET", path, wrapSeconds } = request;
    const call = `${method} ${path}`;
    const body = request.body && JSON.stringify(request.body);
    const { status, text } = await exchange(
      `${this.address}/v1/${path}${method === "LIST" ? "?list=true" : ""}`,
      {
        // Vault's method LIST is not standard HTTP: a proxy or a strict parser refuses it. Vault accepts this form too.
        method: method === "LIST" ? "GET" : method,
        headers: this.headers(path, {
          ...(body
            ? { "Content-Type": contentType(method), "Content-Length": String(Buffer.byteLength(body)) }
            : {}),
          ...(wrapSeconds ? { "X-Vault-Wrap-TTL": `${wrapSeconds}s` } : {}),
        }),
        timeout: 15_000,
        repeatable: isHarmless(request),
        ...(method === "LIST" ? { longest: longest.list } : {}),
        body,
        ...this.trusted(fewConnections),
      },
    ).catch((error) => this.failed(error));
    if (status >= 300 && status < 400) throw redirected(this.side, call);
    const answer = parse(text);
    if (text.startsWith(wantsTls)) throw speaksTls(this.side);
    if (answer === undefined)
      throw notVault(this.side, `${call} was answered with ${status} and something that is not JSON`);
    if (status >= 400) throw new VaultFailure(status, errorsOf(answer), call);
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw notVault(this.side, `${call} was answered in an unknown shape`);
    return parsed.data;
  }

  /**
   * The same for a path that may not exist: no entry, a deleted version, an empty list.
   * @returns undefined if Vault answers 404
   */
  find<T extends z.ZodType>(request: VaultRequest, schema: T): Promise<z.output<T> | undefined> {
    return this.call(request, schema).catch(ifRefused(404, () => undefined));
  }

  /** Writes to a path, and reads the answer. @throws as {@link call} */
  submit<T extends z.ZodType>(
    path: string,
    body: object,
    schema: T,
    method: "POST" | "PUT" = "POST",
  ): Promise<z.output<T>> {
    return this.call({ method, path, body }, schema);
  }

  /** Writes to a path. @throws as {@link call} */
  async write(path: string, body: object, method?: "POST" | "PUT"): Promise<void> {
    await this.submit(path, body, anything, method);
  }

  /** Removes what is at a path. @throws as {@link call} */
  async remove(path: string, body?: object): Promise<void> {
    await this.call({ method: "DELETE", path, body }, anything);
  }

  /** The names below a path; empty if there are none. @throws as {@link call} */
  async list(path: string): Promise<string[]> {
    return (await this.find({ method: "LIST", path }, keysAnswer))?.data.keys ?? [];
  }

  /**
   * A binary answer, as a stream.
   * @throws as {@link call}
   */
  download(path: string): Promise<IncomingMessage> {
    return this.open("GET", path);
  }

  /**
   * Uploads a stream of any length. Vault's answer has no body.
   * @throws as {@link call}
   */
  async upload(path: string, body: Readable): Promise<void> {
    await boundedText(await this.open("POST", path, body), longest.answer);
  }

  private async open(method: string, path: string, body?: Readable): Promise<IncomingMessage> {
    await this.choose();
    const response = await open(`${this.address}/v1/${path}`, {
      method,
      headers: this.headers(path),
      timeout: longAnswer,
      body,
      ...this.trusted(),
    }).catch((error) => this.failed(error));
    const status = response.statusCode ?? 0;
    if (status < 300) return response;
    if (status < 400) {
      response.destroy();
      throw redirected(this.side, `${method} ${path}`);
    }
    throw new VaultFailure(
      status,
      errorsOf(parse(await boundedText(response, longest.answer))),
      `${method} ${path}`,
    );
  }

  private headers(path: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const { namespace } = this.place;
    return {
      "X-Vault-Request": "true",
      ...(namespace && !ofRootNamespace.test(path) ? { "X-Vault-Namespace": namespace } : {}),
      ...(this.token ? { "X-Vault-Token": this.token } : {}),
      ...more,
    };
  }

  /** @param agent for TLS. @default Node's own */
  private trusted(agent?: Agent): Pick<HttpOptions, "ca" | "agent"> {
    if (this.agent) return { agent: this.agent };
    const { caFile } = this.place;
    return { agent, ca: caFile && this.readCa(caFile) };
  }

  private failed(error: unknown): never {
    throw whyUnanswered(this.side, error);
  }

  private readCa(path: string): string {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw caUnreadable(this.side, path, error);
    }
  }
}

/**
 * Handles the refusals of a call that have some status: `call.catch(ifRefused(403, () => false))`.
 * @param instead what the call gives then
 */
export function ifRefused<T>(
  statuses: number | readonly number[],
  instead: (refusal: VaultFailure) => T,
): (error: unknown) => T {
  return ifError(VaultFailure, instead, ({ status }) => [statuses].flat().includes(status));
}

/** Whether a standby knows or reaches no active server: so while another one is elected. */
function hasNoActive(error: unknown): boolean {
  if (error instanceof Redirected) return true;
  return error instanceof VaultFailure && /active cluster node not found/.test(error.message);
}

/** Writes that must not arrive twice: what one made or used up is lost with its answer. */
const once = /^(sys\/(wrapping\/unwrap|init|rekey|generate-root)|auth\/token\/create)|\/secret-id$/;

function isHarmless({ method = "GET", path }: VaultRequest): boolean {
  return method === "GET" || method === "LIST" || /\/(login|lookup)$/.test(path);
}

/**
 * Whether another server of a cluster can be asked. A standby redirects, or answers 503, also where the active server took the call
 * and was lost before it answered: then only what may arrive twice is sent again.
 */
function mayAskAnother({ method = "GET", path, body }: VaultRequest, error: unknown): boolean {
  const harmless = isHarmless({ method, path });
  // The key's write with `cas` would be refused as somebody else's.
  const mayRepeat = harmless || !(once.test(path) || (body && "options" in body));
  if (error instanceof VaultFailure)
    return (
      hasNoActive(error) ||
      // An active server that loses its place has an internal error for what it cannot finish.
      (error.status >= 500 && harmless) ||
      (error.status === 503 && (mayRepeat || /sealed/.test(error.message)))
    );
  if (error instanceof Redirected) return mayRepeat;
  if (!(error instanceof VaultUnreachable)) return false;
  return harmless || notConnected.has(error.props.got ?? "");
}

const notConnected = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND"]);

function contentType(method: string): string {
  return method === "PATCH" ? "application/merge-patch+json" : "application/json";
}

function parse(text: string): unknown {
  return text.trim() === "" ? null : attempt(() => JSON.parse(text));
}

function errorsOf(answer: unknown): string[] {
  const errors = (answer as { errors?: unknown } | null)?.errors;
  return Array.isArray(errors) ? errors.map(String) : [];
}
