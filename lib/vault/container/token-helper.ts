import type { HomeFile } from "../../docker/home-files";
import type { Credential } from "../../store/credentials";

/**
 * The files that make `docker exec vault vault kv get secret/openrouter` (setup guide, section 2.13) work without a token in
 * the container's environment: a token helper that logs in as the reader at each call, so that no stored token can expire. `||
 * :` keeps `vault status` of a sealed Vault working; VAULT_CONFIG_PATH keeps the helper from calling itself.
 */
export function tokenHelperFiles(reader: Credential): HomeFile[] {
  const helper = `#!/bin/sh
case "$1" in
  get)
    VAULT_CONFIG_PATH=/dev/null VAULT_TOKEN=none vault write -field=token auth/approle/login \\
      role_id=@/home/vault/.reader-role-id secret_id=@/home/vault/.reader-secret-id 2>/dev/null || :
    ;;
  store) cat >/dev/null ;;
esac
`;
  return [
    { name: ".reader-role-id", content: reader.roleId, mode: 0o600 },
    { name: ".reader-secret-id", content: reader.secretId, mode: 0o600 },
    { name: "token-helper", content: helper, mode: 0o700 },
    { name: ".vault", content: 'token_helper = "/home/vault/token-helper"\n', mode: 0o600 },
  ];
}
