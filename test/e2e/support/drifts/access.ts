import type { ScriptedDrift } from "./scripted-drift";

/** Who else has access: test/e2e/access.test.ts tries more of them at once. */
export const accessDrifts: readonly ScriptedDrift[] = [
  {
    name: "a second role with the reader's policy",
    line: "as_root write auth/approle/role/second token_policies=openclaw-reader",
    cause: "vault.access:auth/approle/role/second",
    fix: null,
    undo: "as_root delete auth/approle/role/second",
    sample: true,
  },
  {
    name: "a user with everything",
    line: [
      "as_root auth enable userpass",
      `echo 'path "*" { capabilities = ["read", "update", "sudo"] }' | as_root policy write all -`,
      "as_root write auth/userpass/users/bob password=pw token_policies=all",
    ].join("\n"),
    cause: "vault.access:auth/userpass/users/bob",
    fix: null,
    undo: "as_root auth disable userpass; as_root policy delete all",
  },
  {
    name: "a periodic orphan token",
    line: "as_root token create -orphan -period=24h -policy=openclaw-reader",
    cause: "vault.access:token:*",
    fix: null,
    undo: "for a in $(as_root list auth/token/accessors | tail -n +3); do as_root token lookup -accessor $a | grep -q openclaw-reader && as_root token revoke -accessor $a; done; true",
  },
  {
    name: "the default policy edited",
    line: `echo 'path "secret/*" { capabilities = ["read"] }' | as_root policy write default - && as_root auth enable userpass && as_root write auth/userpass/users/bob password=pw`,
    cause: "vault.access:auth/userpass/users/bob",
    fix: null,
    undo: 'as_root auth disable userpass; echo \'path "auth/token/lookup-self" { capabilities = ["read"] }\' | as_root policy write default -',
  },
  {
    name: "a token role with a glob for policies",
    line: "as_root write auth/token/roles/maker allowed_policies_glob='open*-re*er' orphan=true",
    cause: "vault.access:auth/token/roles/maker",
    fix: null,
    undo: "as_root delete auth/token/roles/maker",
  },
  {
    name: "a group of another auth method with the reader's policy",
    line: [
      "as_root auth enable userpass",
      "id=$(as_root write -field=id identity/group name=team type=external policies=openclaw-reader)",
      `accessor=$(as_root read -field=accessor sys/auth/userpass)`,
      "as_root write identity/group-alias name=ops mount_accessor=$accessor canonical_id=$id",
    ].join("\n"),
    cause: "vault.access:identity/group/name/team",
    fix: null,
    undo: "as_root delete identity/group/name/team; as_root auth disable userpass",
  },
  {
    name: "a role that can give policies to entities",
    line: `echo 'path "identity/*" { capabilities = ["update"] }' | as_root policy write people - && as_root write auth/approle/role/people token_policies=people`,
    cause: "vault.access:auth/approle/role/people",
    fix: null,
    undo: "as_root delete auth/approle/role/people; as_root policy delete people",
  },
  {
    name: "a role that can make orphan tokens with any policy",
    line: `echo 'path "auth/token/create-orphan" { capabilities = ["update", "sudo"] }' | as_root policy write orphans - && as_root write auth/approle/role/orphans token_policies=orphans`,
    cause: "vault.access:auth/approle/role/orphans",
    fix: null,
    undo: "as_root delete auth/approle/role/orphans; as_root policy delete orphans",
  },
  {
    name: "a role that can read Vault's storage",
    line: `echo 'path "sys/raw/*" { capabilities = ["read", "sudo"] }' | as_root policy write raw - && as_root write auth/approle/role/raw token_policies=raw`,
    cause: "vault.access:auth/approle/role/raw",
    fix: null,
    undo: "as_root delete auth/approle/role/raw; as_root policy delete raw",
  },
  {
    name: "a role that can seal Vault",
    line: `echo 'path "sys/seal" { capabilities = ["update", "sudo"] }' | as_root policy write sealer - && as_root write auth/approle/role/sealer token_policies=sealer`,
    cause: "vault.access:auth/approle/role/sealer",
    fix: null,
    undo: "as_root delete auth/approle/role/sealer; as_root policy delete sealer",
  },
  {
    name: "a role that writes a policy which somebody has and which does not exist yet",
    line: [
      `echo 'path "sys/policies/acl/later" { capabilities = ["create", "update"] }' | as_root policy write scribe -`,
      "as_root write auth/approle/role/later token_policies=later",
      "as_root write auth/approle/role/scribe token_policies=scribe",
    ].join("\n"),
    cause: "vault.access:auth/approle/role/scribe",
    fix: null,
    undo: "as_root delete auth/approle/role/scribe; as_root delete auth/approle/role/later; as_root policy delete scribe",
  },
];
