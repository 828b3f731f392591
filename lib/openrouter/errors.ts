import { SystemError } from "../core/errors";

/** What went wrong with a call to OpenRouter. */
export type FailureKind =
  // The key and what it may do.
  | "key-invalid"
  | "key-limit"
  | "workspace-budget"
  | "management-only"
  | "management-key"
  | "forbidden"
  // Credit.
  | "credits-insufficient"
  | "answer-too-dear"
  | "in-flight-budget"
  // The model and the request.
  | "model-unknown"
  | "model-blocked"
  | "bad-request"
  | "too-large"
  | "unprocessable"
  | "not-found"
  // What may pass.
  | "timeout"
  | "rate-limited"
  | "daily-limit"
  | "server"
  | "provider"
  // The way there.
  | "address"
  | "dns"
  | "refused"
  | "tls"
  | "clock"
  | "proxy"
  | "network"
  // The answer.
  | "not-json"
  | "cut-off"
  | "unexpected";

/** Everything that is known of a failed call. No field holds a key. */
export interface FailureProps {
  readonly kind: FailureKind;
  /** What happened, in one sentence, with OpenRouter's own message where there is one. */
  readonly message: string;
  /** How to fix it. */
  readonly fix: string;
  /** The HTTP status, or the `code` in the body where the status is 200. */
  readonly status?: number | undefined;
  /** The same call may succeed when repeated at once. Never true of 401, 402 and 403. */
  readonly retryable: boolean;
  /** Another model may answer the same request. */
  readonly tryAnotherModel: boolean;
  /** How long OpenRouter asks to wait, in seconds. */
  readonly retryAfterSeconds?: number | undefined;
}

/** A call to OpenRouter that did not give what was asked for. */
export class OpenRouterFailure extends SystemError {
  readonly kind: FailureKind;
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly tryAnotherModel: boolean;
  readonly fix: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(props: FailureProps) {
    super(props.message);
    this.name = "OpenRouterFailure";
    this.kind = props.kind;
    this.status = props.status;
    this.retryable = props.retryable;
    this.tryAnotherModel = props.tryAnotherModel;
    this.fix = props.fix;
    this.retryAfterSeconds = props.retryAfterSeconds;
  }
}
