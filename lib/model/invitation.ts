import { z } from "zod";
import { oneWord } from "../config/options";
import { settingsSchema } from "../config/settings";
import { attempt } from "../core/attempt";
import { defined } from "../core/defined";
import { sha256 } from "../core/fingerprint";
import { hostName } from "./hosts";

/** Part of the messages, paths and headers of `host join`: a line break in it would begin a line of a message, such as a fix. */
const word = oneWord();

/**
 * What an OpenClaw host needs to join: the way to Vault, and a wrapping token that gives its secret id once. Whoever has the text
 * before the host does can join in its place.
 */
const schema = z.object({
  name: hostName,
  /** How the names of the inviting instance begin in Vault. */
  prefix: word,
  /** The host's role. */
  role: word,
  roleId: word,
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
  token: word,
  /** When the token ends. */
  ends: z.iso.datetime(),
});
export type Invitation = z.output<typeof schema>;

/** The settings of a host that joins by an invitation. @param caFile where the host keeps the invitation's CA */
export function joiningSettings(
  { address: first, otherAddresses = [], ca, namespace, keyPath, baseUrl }: Invitation,
  caFile: string,
) {
  const address = otherAddresses.length > 0 ? [first, ...otherAddresses] : first;
  return {
    vault: { address, ...defined({ caFile: ca && caFile, namespace }) },
    openrouter: { path: keyPath, baseUrl },
  };
}

/** One with other settings would leave a file of them on the host, with which no command works. */
const joinable = schema.refine(
  (invitation) => settingsSchema.safeParse(joiningSettings(invitation, "/ca.pem")).success,
);

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
  const parsed = joinable.safeParse(attempt(() => JSON.parse(Buffer.from(body, "base64url").toString())));
  return parsed.data ?? { problem: "it is of another version of openclaw-openrouter" };
}

/** The fix by a new invitation. It names no path of the program: that is another host's. */
export function inviteAgain(name: string): string {
  return `Ask for a new invitation: on the Vault's host, the command \`host invite ${name} --again --address ADDRESS\` prints one.`;
}

function checksum(body: string): string {
  return sha256(body).slice(0, 8);
}
