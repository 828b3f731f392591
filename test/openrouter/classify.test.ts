import { ProxyRefused } from "../../lib/core/network/http";
import { failureOfError } from "../../lib/openrouter/classify";
import { failureOfNetwork } from "../../lib/openrouter/network-failure";
import { parseRetryAfter } from "../../lib/openrouter/send";

/** As a request throws it. */
const thrown = (code: string) => Object.assign(new Error("x"), { code });

test.each([
  ["ENOTFOUND", "dns", /DNS/, false],
  ["EAI_AGAIN", "dns", /DNS/, true],
  ["ECONNREFUSED", "refused", /baseUrl/, false],
  ["ECONNRESET", "network", /again/, true],
  ["HPE_INVALID_CONSTANT", "network", /again/, true],
  ["ETIMEDOUT", "timeout", /firewall/, true],
  ["CERT_NOT_YET_VALID", "clock", /timedatectl/, false],
  ["CERT_HAS_EXPIRED", "tls", /timedatectl/, false],
  ["SELF_SIGNED_CERT_IN_CHAIN", "tls", /NODE_EXTRA_CA_CERTS/, false],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls", /NODE_EXTRA_CA_CERTS/, false],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls", /baseUrl/, false],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "tls", /baseUrl/, false],
  ["ERR_INVALID_URL", "address", /baseUrl/, false],
] as const)("%s is %s", (code, kind, fix, retryable) => {
  const failure = failureOfNetwork(thrown(code), "https://openrouter.ai/api/v1", 30);
  expect(failure).toMatchObject({ kind, retryable, fix: expect.stringMatching(fix) });
  expect(failure.message).toContain("openrouter.ai");
});

test("a proxy that refuses the tunnel", () => {
  const error = new ProxyRefused("no connection: status 407");
  expect(failureOfNetwork(error, "https://openrouter.ai/api/v1", 30).kind).toBe("proxy");
});

test.each<[string, object, string]>([
  [
    "who offers the model and who is permitted",
    { available_providers: ["z-ai"], requested_providers: ["openai", "mistral"] },
    "selected model. (offered by z-ai; permitted: openai, mistral))",
  ],
  ["what a provider said in an object", { raw: { code: "no_workers" } }, '({"code":"no_workers"}))'],
  [
    "when a spent budget is full again",
    { resets_at: "2026-12-01T01:00:00+01:00" },
    "selected model. (reset on 2026-12-01 00:00 UTC))",
  ],
  ["nothing of a time that is none", { resets_at: "soon" }, "selected model.)"],
  ["nothing of lists that are incomplete", { available_providers: ["z-ai"] }, "selected model.)"],
])("a failure tells %s", (_, metadata, end) => {
  const answer = { status: 404, text: "", retryAfterSeconds: undefined };
  const error = {
    code: 404,
    message: "No allowed providers are available for the selected model.",
    metadata: metadata as Record<string, unknown>,
  };
  expect(failureOfError(error, answer, "sk-or-v1-x").message.endsWith(end)).toBe(true);
});

test.each([
  ["5", 5],
  ["0", 0],
  ["Mon, 23 Nov 2026 12:00:30 GMT", 30],
  ["Mon, 23 Nov 2026 11:00:00 GMT", 0],
  ["soon", undefined],
  ["", undefined],
  [null, undefined],
])("Retry-After %j is %p seconds", (value, seconds) => {
  expect(parseRetryAfter(value, Date.UTC(2026, 10, 23, 12))).toBe(seconds);
});
