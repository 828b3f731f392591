import { z } from "zod";
import { attempt } from "../core/attempt";
import { sha256 } from "../core/fingerprint";
import { hostName } from "./hosts";

/**
 * What an OpenClaw host needs to join: the way to Vault, and a wrapping token that gives its secret id once. Whoever has the text
 * before the host does can join in its place.
 */
const schema = z.object({
  name: hostName,
  /** How the names of the inviting instance begin in Vault. */
  prefix: z.string(),
  /** The host's role. */
  role: z.string(),
  roleId: z.string(),
  /** The path of the secret with its key. */
  keyPath: z.string(),
  address: z.url({ protocol: /^https$/ }),
  /** Further addresses of an external cluster. */
  otherAddresses: z
    .array(z.url({ protocol: /^https$/ }))
    .max(8)
    .readonly()
    .exactOptional(),
  /** The CA certificates that verify Vault's certificate, PEM. @default those that Node knows */
  ca: z.string().exactOptional(),
  /** The namespace of an external Vault (Enterprise, HCP). */
  namespace: z.string().exactOptional(),
  /** OpenRouter's base URL. */
  baseUrl: z.url(),
  /** The wrapping token. */
  token: z.string().min(1),
  /** When the token ends. */
  ends: z.iso.datetime(),
});
export type Invitation = z.output<typeof schema>;

const mark = "openclaw-invitation-1";

/** The invitation as one word, which a terminal, a chat and a file take. Its end shows whether all of it arrived. */
export function renderInvitation(invitation: Invitation): string {
  const body = Buffer.from(JSON.stringify(invitation)).toString("base64url");
  return [mark, body, checksum(body)].join(".");
}

/**
 * Reads an invitation. Line breaks and blanks, as a mail program adds them, are ignored.
 * @returns the reason if it is none
 */
export function parseInvitation(text: string): Invitation | { readonly problem: string } {
  const [found, body = "", sum] = text.replace(/\s+/g, "").split(".");
  if (found !== mark) return { problem: `it does not begin with ${mark}` };
  if (sum !== checksum(body)) return { problem: "a part of it is missing or was changed on its way" };
  const parsed = schema.safeParse(attempt(() => JSON.parse(Buffer.from(body, "base64url").toString())));
  return parsed.data ?? { problem: "it is of another version of openclaw-openrouter" };
}

/** The fix by a new invitation. It names no path of the program: that is another host's. */
export function inviteAgain(name: string): string {
  return `Ask for a new invitation: on the Vault's host, the command \`host invite ${name} --again --address ADDRESS\` prints one.`;
}

function checksum(body: string): string {
  return sha256(body).slice(0, 8);
}
