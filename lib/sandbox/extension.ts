import type { ServerResponse } from "node:http";
import type { Answer } from "./answers";
import type { CatalogueModel } from "./catalogue";
import type { Completion } from "./completion";

/** The parts of a request that the API uses. */
export interface ApiRequest {
  readonly method: string;
  /** Without `/api/v1`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The key of the header Authorization. */
  readonly key: string | undefined;
  readonly fingerprint: string | undefined;
  /** The parsed JSON; undefined if there is no body. */
  readonly body: unknown;
}

/** What differs from a model's usual answer. */
export interface Changes extends Pick<Completion, "error"> {
  readonly content?: string | undefined;
  /** The id of the model that answers instead. */
  readonly answeredBy?: string | undefined;
}

/** Changes what a sandbox does, and steers it while it runs. The program's own sandbox has none. */
export interface SandboxExtension {
  now(): Date;
  /** Answers a request under `/_sandbox`. */
  control(method: string, path: string, body: unknown): Answer;
  /** Answers a call of the API. @param usual gives the usual answer */
  call(request: ApiRequest, usual: () => Answer): Answer;
  /**
   * Answers a chat that was accepted.
   * @param models the requested model, and those that OpenRouter tries after it
   * @param complete answers as a model, and charges
   */
  chat(
    request: ApiRequest,
    models: readonly CatalogueModel[],
    complete: (model: CatalogueModel, changes?: Changes) => Answer,
  ): Answer;
  /** Sends an answer. Returns when it is sent or the client is gone. */
  send(response: ServerResponse, answer: Answer): Promise<void>;
}
