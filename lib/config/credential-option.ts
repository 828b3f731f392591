/** Options of Terraform's backends and of Vault's seals that hold a credential. `key` is not one: it is the path of the state. */
export const credentialOption =
  /(^|_)(password|passwd|passphrase|secret|token|credentials?|(access|secret|customer|(?<!kms_)encryption)_key|key_pem|http_auth|sas)$/i;
