import { hideSecrets } from "../config/secrets";
import { attempt } from "../core/attempt";

/** The variables with a backend's credentials: a whole connection string, or a part of one. */
const credential =
  /^(PG_CONN_STR|PGPASSWORD|TF_HTTP_PASSWORD|TF_TOKEN_.*|CONSUL_HTTP_(TOKEN|AUTH)|ARM_.*|AWS_.*|GOOGLE_.*)$/;

/** A password in libpq's form or in a URL's query, quoted or not. */
const passwordInConnection = /\b(sslpassword|password)(\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&'"]+)/gi;

/** Shorter values may be ordinary words of a message. */
const shortest = 4;

/**
 * The text of a backend's error without the backend's credentials.
 * @param environment the environment in which Terraform ran
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

/** The passwords of a connection string, encoded and decoded. */
function passwordsIn(connection: string): string[] {
  const inUrl = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^@\s]+)@/i.exec(connection)?.[1];
  const named = [...connection.matchAll(passwordInConnection)].map(([, , , value = ""]) =>
    value.replace(/^'|'$/g, ""),
  );
  return [...(inUrl ? [inUrl] : []), ...named].flatMap((value) => [value, decoded(value)]);
}

function decoded(value: string): string {
  return attempt(() => decodeURIComponent(value)) ?? value;
}
