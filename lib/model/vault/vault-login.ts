import type { HomePaths } from "../home-paths";
import type { IdentityName } from "./identities";

/**
 * The block `auth_login` with which Terraform's provider logs in to Vault as one of the identities. Both ids are read when
 * Terraform runs, so that neither is in the declaration; they are empty before the first bootstrap.
 * @throws Error if Terraform knows the home later: CDKTF writes such a value into an expression without its quotes
 */
export function vaultLogin(home: HomePaths, identity: IdentityName) {
  const folder = home.credentials(identity);
  if (/\$\{TfToken\[/.test(folder))
    throw new Error("vaultLogin: the home is a value that Terraform knows later; expected an absolute path.");
  return {
    path: "auth/approle/login",
    parameters: { role_id: fileIfThere(`${folder}/role_id`), secret_id: fileIfThere(`${folder}/secret_id`) },
  };
}

function fileIfThere(path: string): string {
  // Escaped: Terraform would evaluate a `${…}` or `%{…}` in the path.
  const quoted = JSON.stringify(path).replace(/[$%](?=\{)/g, (sign) => sign + sign);
  return `\${fileexists(${quoted}) ? trimspace(file(${quoted})) : ""}`;
}
