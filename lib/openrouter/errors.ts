import { SystemError } from "../core/errors";

/** The kind of a failed call to OpenRouter. */
export type FailureKind =
  // The key and its permissions.
  | "key-invalid"
  | "key-limit"
  | "workspace-budget"
  | "guardrail-budget"
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
  | "reasoning-mandatory"
  | "bad-request"
  | "too-large"
  | "unprocessable"
  | "not-found"
  // Temporary failures.
  | "timeout"
  | "rate-limited"
  | "daily-limit"
  | "server"
  | "provider"
  | "no-answer"
  // The connection.
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

/** The details of a failed call. No field holds a key. */
interface FailureProps {
  readonly kind: FailureKind;
  /** What happened, in one sentence, with OpenRouter's own message if there is one. */
  readonly message: string;
  /** How to fix it. */
  readonly fix: string;
  /** The HTTP status, or the `code` in the body if the status is 200. */
  readonly status?: number | undefined;
  /** Whether the same call can succeed if retried at once. Never true of 401, 402 and 403. @default false */
  readonly retryable?: boolean | undefined;
  /** Whether another model can answer the same request. @default false */
  readonly tryAnotherModel?: boolean | undefined;
  /** The wait that OpenRouter asks for, in seconds. */
  readonly retryAfterSeconds?: number | undefined;
}

/** The error of a failed call to OpenRouter. */
export class OpenRouterFailure extends SystemError {
  readonly kind: FailureKind;
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly tryAnotherModel: boolean;
  override readonly fix: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(props: FailureProps) {
    super(props.message);
    this.name = "OpenRouterFailure";
    this.kind = props.kind;
    this.status = props.status;
    this.retryable = props.retryable ?? false;
    this.tryAnotherModel = props.tryAnotherModel ?? false;
    this.fix = props.fix;
    this.retryAfterSeconds = props.retryAfterSeconds;
  }
}
