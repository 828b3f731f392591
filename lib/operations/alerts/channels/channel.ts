import type { AlertMessage } from "../../../model/alert";

/** How a message is sent over HTTP. */
export interface HttpMessage {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body: object;
}

/** A kind of receiver that is called over HTTP. */
export interface HttpChannel {
  /** Whether a URL has the form of this kind. */
  matches(url: URL): boolean;
  /**
   * @param target the URL as it was given
   * @param signingKey of a webhook
   */
  render(target: URL, message: AlertMessage, signingKey: string | undefined): HttpMessage;
}

/**
 * A text of at most `longest` characters after each of its characters was escaped; a longer one ends with an ellipsis.
 * @param escaped escapes one character
 */
export function fitted(text: string, longest: number, escaped: (character: string) => string): string {
  let fits = "";
  let whole = "";
  for (const character of text) {
    whole += escaped(character);
    // One is left for the ellipsis.
    if (whole.length < longest) fits = whole;
    if (whole.length > longest) return `${fits}…`;
  }
  return whole;
}

/**
 * Escapes Markdown by backslashes, and writes the sign of a mention in its full width: a receiver that shows mentions would
 * call people.
 */
export function withoutMarkdown(character: string): string {
  if (character === "@") return "＠";
  return /[\\`*_{}[\]()#+!|<>~:-]/.test(character) ? `\\${character}` : character;
}
