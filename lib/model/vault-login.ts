import type { HomePaths } from "./home-paths";
import type { IdentityName } from "./identities";

/**
 * How Terraform's provider logs in to Vault by itself, as one of our identities: as its block `auth_login`. Both ids are
 * read when Terraform runs, so that neither is in the declaration; they are empty before the first bootstrap.
 */
export function vaultLogin(home: HomePaths, identity: IdentityName) {
  const folder = home.credentials(identity);
  return {
    path: "auth/approle/login",
    parameters: { role_id: fileIfThere(`${folder}/role_id`), secret_id: fileIfThere(`${folder}/secret_id`) },
  };
}

function fileIfThere(path: string): string {
  // As it stands: Terraform would evaluate a `${…}` or `%{…}` of the path itself.
  const quoted = JSON.stringify(path).replace(/[$%](?=\{)/g, (sign) => sign + sign);
  return `\${fileexists(${quoted}) ? trimspace(file(${quoted})) : ""}`;
}
