import type { ScriptedDrift } from "./scripted-drift";

/** The instance directory, and the settings. */
export const instanceDrifts: readonly ScriptedDrift[] = [
  {
    name: "a rendered file edited",
    line: "echo x >> $HOME_OF_INSTANCE/rendered/config.json",
    cause: "plan.local_file.*",
  },
  {
    name: "a credential removed",
    line: "rm $HOME_OF_INSTANCE/credentials/deployer/secret_id",
    cause: "credentials.deployer",
  },
  {
    name: "the reader's credential changed",
    line: "echo 00000000-0000-0000-0000-000000000000 > $HOME_OF_INSTANCE/credentials/reader/secret_id",
    cause: "credentials.reader",
  },
  {
    name: "the home opened to others",
    line: "chmod 755 $HOME_OF_INSTANCE",
    cause: "home.mode:*",
    fix: null,
    undo: "chmod 700 $HOME_OF_INSTANCE",
  },
  {
    name: "the shares opened to others",
    line: "chmod 644 $HOME_OF_INSTANCE/shares.json",
    cause: "home.mode:shares.json",
  },
  {
    name: "another certificate in the instance directory",
    line: [
      "cp -p $HOME_OF_INSTANCE/tls/server.pem $HOME_OF_INSTANCE/moved.pem",
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -out $HOME_OF_INSTANCE/tls/server.pem -days 800 -subj /CN=x -addext subjectAltName=IP:127.0.0.1 2>/dev/null",
    ].join("\n"),
    cause: "certificate.files",
    fix: null,
    undo: "rm $HOME_OF_INSTANCE/moved.pem; oo vault unseal",
  },
  {
    name: "the certificate's key lost",
    line: "rm $HOME_OF_INSTANCE/tls/server-key.pem",
    cause: "certificate.files",
    fix: null,
    undo: "oo vault unseal",
  },
  {
    name: "a model changed in the settings",
    line: "edit_settings models.fallback '\"anthropic/claude-sonnet-5\"'",
    cause: "settings.models.fallback",
    code: 3,
    undo: "edit_settings models.fallback; oo up",
  },
  {
    name: "memory changed in the settings",
    line: "edit_settings vault.memoryMegabytes 640",
    cause: "settings.vault.memoryMegabytes",
    code: 3,
    undo: "edit_settings vault.memoryMegabytes; oo up",
  },
  {
    name: "the budget changed in the settings",
    line: "edit_settings budget.hardLimitEur 300",
    cause: "settings.budget.hardLimitEur",
    code: 3,
    undo: "edit_settings budget.hardLimitEur; oo up",
  },
  {
    name: "the port changed in the settings",
    line: "edit_settings vault.port 8300",
    cause: "settings.vault.port",
    code: 3,
    undo: "edit_settings vault.port; oo up",
  },
  {
    name: "the first state gone",
    line: "rm $HOME_OF_INSTANCE/terraform/vault.tfstate",
    cause: "state.vault",
  },
  {
    name: "the second state of another lineage",
    line: `sed -i 's/"lineage": ".*"/"lineage": "00000000-0000-0000-0000-000000000000"/' $HOME_OF_INSTANCE/terraform/openrouter.tfstate`,
    cause: "state.openrouter",
  },
  {
    name: "the first state cut short",
    line: `printf '{"version": 4,' > $HOME_OF_INSTANCE/terraform/vault.tfstate`,
    cause: "state.vault",
  },
  {
    name: "resources taken out of the second state",
    line: `"$NODE" -e '
      const { readFileSync, writeFileSync } = require("node:fs");
      const [file] = process.argv.slice(1);
      const state = JSON.parse(readFileSync(file, "utf8"));
      state.resources = state.resources.filter(({ type }) => !type.startsWith("vault_"));
      writeFileSync(file, JSON.stringify({ ...state, serial: state.serial + 1 }));
    ' $HOME_OF_INSTANCE/terraform/openrouter.tfstate`,
    cause: "state.openrouter",
  },
  {
    name: "the record of the last deploy gone",
    line: "mv $HOME_OF_INSTANCE/deployed.json $HOME_OF_INSTANCE/moved.json",
    cause: "home.gone:deployed.json",
    fix: null,
    undo: "mv $HOME_OF_INSTANCE/moved.json $HOME_OF_INSTANCE/deployed.json",
  },
  {
    name: "the record of the key gone",
    line: "mv $HOME_OF_INSTANCE/key.json $HOME_OF_INSTANCE/moved.json",
    cause: "home.gone:key.json",
    fix: null,
    undo: "mv $HOME_OF_INSTANCE/moved.json $HOME_OF_INSTANCE/key.json",
  },
  {
    name: "the record of what was installed gone",
    line: "mv $HOME_OF_INSTANCE/installed.json $HOME_OF_INSTANCE/moved.json",
    cause: "home.gone:installed.json",
    fix: null,
    undo: "mv $HOME_OF_INSTANCE/moved.json $HOME_OF_INSTANCE/installed.json",
  },
  // What Vault would not open with again.
  {
    name: "shares.json gone, and what recognises the shares",
    line: "cd $HOME_OF_INSTANCE && mkdir moved && mv shares.json shares-fingerprints.json moved",
    cause: "shares.missing",
    fix: null,
    undo: "cd $HOME_OF_INSTANCE && mv moved/* . && rmdir moved",
  },
  {
    name: "shares.json gone",
    line: "mv $HOME_OF_INSTANCE/shares.json $HOME_OF_INSTANCE/moved.json",
    cause: "shares.missing",
    fix: null,
    undo: "mv $HOME_OF_INSTANCE/moved.json $HOME_OF_INSTANCE/shares.json",
    sample: true,
  },
  {
    name: "shares.json another Vault's",
    line: `cp -p $HOME_OF_INSTANCE/shares.json $HOME_OF_INSTANCE/moved.json && sed -i 's/"[A-Za-z0-9+\\/]\\{3\\}\\([A-Za-z0-9+\\/]\\{41\\}\\)"/"AAA\\1"/' $HOME_OF_INSTANCE/shares.json`,
    cause: "shares.others",
    fix: null,
    undo: "mv $HOME_OF_INSTANCE/moved.json $HOME_OF_INSTANCE/shares.json",
  },
];
