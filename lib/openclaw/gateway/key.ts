import { secretProviderName, secretReferenceId } from "../../model/openclaw/openclaw";
import { membersOf, type Placed, stringAt, valueAt } from "./merged-config";

/** Where the gateway gets the key for OpenRouter from. */
export interface GatewayKey {
  /**
   * `managed`: from Vault, by the resolver. `redacted`: OpenClaw's placeholder, which is no key.
   * `plain`: a key in the file. `other`: another reference or text. `none`: nothing; an exported key or a stored one is used.
   */
  readonly kind: "managed" | "redacted" | "plain" | "other" | "none";
  /** Whether an exported key or a stored one wins over it, since the provider's `auth` is not `api-key`. */
  readonly isOverridable: boolean;
  /** The place that decides it. */
  readonly place?: Pick<Placed, "file" | "line">;
}

/** A full key of OpenRouter's. A label such as `sk-or-v1-abc...123` does not match. */
export const plainKey = /sk-or-v1-[A-Za-z0-9_-]{16,}/;

/** What OpenClaw writes instead of a secret: to hide it, or to say where it comes from. It compares whole values. */
const redacted = new Set([
  "secretref-managed",
  "__OPENCLAW_REDACTED__",
  "REDACTED",
  "***",
  "[redacted]",
  "[REDACTED]",
  "<redacted>",
  "[REDACTED CREDENTIAL]",
]);

export function isRedacted(value: unknown): boolean {
  return typeof value === "string" && redacted.has(value.trim());
}

/** @param config the merged configuration */
export function gatewayKey(config: Placed): GatewayKey {
  const provider = valueAt(config, ["models", "providers", "openrouter"]);
  const apiKey = valueAt(provider, ["apiKey"]);
  const auth = valueAt(provider, ["auth"]);
  const isOverridable = auth?.value !== "api-key";
  if (!apiKey) return { kind: "none", isOverridable };
  const { file, line } = apiKey;
  return { kind: kindOf(apiKey), isOverridable, place: { file, line } };
}

function kindOf(apiKey: Placed): GatewayKey["kind"] {
  const text = stringAt(apiKey);
  if (text !== undefined) {
    if (isRedacted(text)) return "redacted";
    return plainKey.test(text) ? "plain" : "other";
  }
  const part = (name: string) => stringAt(valueAt(apiKey, [name]));
  if ([part("source"), part("provider"), part("id")].some(isRedacted)) return "redacted";
  const isOurs =
    part("source") === "exec" && part("provider") === secretProviderName && part("id") === secretReferenceId;
  return isOurs ? "managed" : "other";
}

/** Whether ours is the only exec provider of the configuration. */
export function isOnlyExecProvider(config: Placed): boolean {
  const execs = [...membersOf(valueAt(config, ["secrets", "providers"]))].filter(
    ([, provider]) =>
      stringAt(valueAt(provider, ["source"])) === "exec" || valueAt(provider, ["command"]) !== undefined,
  );
  return execs.every(([name]) => name === secretProviderName);
}
