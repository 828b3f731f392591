import { hideSecrets } from "../config/secrets";

/** Variables by which backends take a credential: a whole connection, or a part of one. */
const credential =
  /^(PG_CONN_STR|PGPASSWORD|TF_HTTP_PASSWORD|TF_TOKEN_.*|CONSUL_HTTP_(TOKEN|AUTH)|ARM_.*|AWS_.*|GOOGLE_.*)$/;

/** In the libpq form, and as a URL's query; a value in quotes as well. */
const passwordInConnection = /\b(sslpassword|password)(\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&'"]+)/gi;

/** Short values are words that a message may hold for other reasons. */
const shortest = 4;

/**
 * The text of a backend's error without what the backend was given.
 * @param environment in which Terraform ran
 */
export function hideBackendSecrets(text: string, environment: Readonly<Record<string, string>>): string {
  const values = Object.entries(environment).flatMap(([name, value]) =>
    credential.test(name) ? [value, ...passwordsIn(value)] : [],
  );
  const known = [...new Set(values)]
    .filter((value) => value.length >= shortest)
    .sort((a, b) => b.length - a.length)
    .reduce((clean, value) => clean.replaceAll(value, "(not shown)"), text);
  return hideSecrets(known.replace(passwordInConnection, "$1$2(not shown)"));
}

/** The passwords of a connection: as they stand in it, and as they are meant. */
function passwordsIn(connection: string): string[] {
  const inUrl = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^@\s]+)@/i.exec(connection)?.[1];
  const named = [...connection.matchAll(passwordInConnection)].map(([, , , value = ""]) =>
    value.replace(/^'|'$/g, ""),
  );
  return [...(inUrl ? [inUrl] : []), ...named].flatMap((value) => [value, decoded(value)]);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
