import { HttpTimeout, NoAnswer, ProxyRefused } from "../core/network/http";
import { timeoutRemedy } from "./error-table";
import { type FailureKind, OpenRouterFailure } from "./errors";

const tlsCodes = /^(ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|EPROTO$|HOSTNAME_MISMATCH$)/;

/**
 * The failure for a call without an answer.
 * @param seconds the call's time limit
 */
export function failureOfNetwork(error: unknown, baseUrl: string, seconds: number): OpenRouterFailure {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).host : "the base URL";
  const code = codeOf(error);
  const make = (kind: FailureKind, message: string, fix: string, retryable = false, otherModel = false) =>
    new OpenRouterFailure({ kind, message, fix, retryable, tryAnotherModel: otherModel });

  if (error instanceof HttpTimeout) {
    return make("timeout", `${host} gave no complete answer within ${seconds} s.`, timeoutRemedy, true, true);
  }
  if (code === "ETIMEDOUT") {
    const fix = "Check the network, the firewall and HTTPS_PROXY on this host.";
    return make("timeout", `The connection to ${host} timed out.`, fix, true);
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    const fix = "Check this host's DNS (`getent hosts openrouter.ai`), its network and `openrouter.baseUrl`.";
    return make("dns", `The name of ${host} cannot be resolved (${code}).`, fix, code === "EAI_AGAIN");
  }
  if (code === "ECONNREFUSED") {
    const fix = "Check `openrouter.baseUrl`, the firewall and HTTPS_PROXY.";
    return make("refused", `Nothing listens at ${host}.`, fix);
  }
  if (code === "CERT_NOT_YET_VALID") {
    const fix = "Set this host's clock (`timedatectl`): by it, the certificate is not valid yet.";
    return make("clock", `The certificate of ${host} is not valid yet, by this host's clock.`, fix);
  }
  if (code && tlsCodes.test(code)) {
    const fix =
      code === "CERT_HAS_EXPIRED"
        ? "Check this host's clock (`timedatectl`). If it is right, the certificate has expired."
        : "If a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to its CA certificate; else check `openrouter.baseUrl`.";
    return make("tls", `No trusted connection to ${host} (${code}).`, fix);
  }
  if (error instanceof ProxyRefused) {
    const fix = "Give its credentials in HTTPS_PROXY, or name OpenRouter's host in NO_PROXY.";
    return make(
      "proxy",
      `A proxy on the way to ${host} refuses the connection or requires credentials.`,
      fix,
    );
  }
  if (error instanceof NoAnswer || (code && !code.startsWith("ERR_INVALID_"))) {
    const fix = "Run it again. If that does not help, check the network and the proxy.";
    const why = code ?? (error as Error).message;
    return make("network", `The connection to ${host} failed (${why}).`, fix, true, true);
  }
  // The rest is refused before anything is sent; its message can quote the header with the key.
  return make(
    "address",
    `No request to ${host} is possible.`,
    "Check `openrouter.baseUrl`, `openrouter.referer`, `openrouter.title`, and that HTTPS_PROXY is an http or https URL.",
  );
}

function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === "string") return code;
  return cause ? codeOf(cause) : undefined;
}
