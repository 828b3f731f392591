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
];
