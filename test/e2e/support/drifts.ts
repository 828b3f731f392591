/** One scripted drift: a shell line that changes the real host. */
export interface ScriptedDrift {
  readonly name: string;
  /** Run by sh on the host. $C is the container, $HOME_OF_INSTANCE, $OPENCLAW; `as_root` runs the vault CLI with a root token. */
  readonly line: string;
  /** The root cause that is to be told: an id, `*` for any part of it. */
  readonly cause: string;
  /** What is given to `drift --fix --yes`; null: nothing that `--fix` may fix. @default [] */
  readonly fix?: readonly string[] | null;
  /** Whether the deployed key is in the environment of `--fix`. @default false */
  readonly withKey?: boolean;
  /** Brings the host back where `--fix` may not. */
  readonly undo?: string;
  /** 3 where it is the declaration that was changed. @default 2 */
  readonly code?: 2 | 3;
  /** One of the sample that every `npm test` runs. */
  readonly sample?: true;
}

/** The container as it was deployed, re-created with something else. @param change options, or what stands in for one */
function recreated({
  image = "$IMAGE",
  ip = "127.0.0.1",
  readOnly = "--read-only",
  label = "--label openclaw-openrouter.instance=$ID",
  more = "",
} = {}): string {
  return [
    "docker rm -f $C",
    `docker run -d --name $C --restart unless-stopped -p ${ip}:8200:8200/tcp -u 100:1000 --cap-drop ALL --cap-add IPC_LOCK`,
    `--security-opt no-new-privileges ${readOnly} ${label} ${more}`,
    "-m 512m --memory-swap 512m --log-opt max-size=10m --log-opt max-file=3",
    "--network $C-network -v $C-data:/vault/file -v $C-home:/home/vault -v $C-socket:/vault/socket",
    "--tmpfs /vault/config:uid=100,gid=1000,mode=0750,size=1m --tmpfs /vault/logs:uid=100,gid=1000,mode=0750,size=1m --tmpfs /tmp:size=16m",
    '-e SKIP_CHOWN=true -e SKIP_SETCAP=true -e VAULT_ADDR=https://127.0.0.1:8200 -e VAULT_CACERT=/home/vault/tls/ca.pem -e "$CONFIG"',
    `${image} server`,
  ]
    .join(" ")
    .replace("docker rm -f $C docker", "docker rm -f $C && docker");
}

const restart = "docker rm -f $C";

/** What happens to a file of OpenClaw's folder. @param edit changes our part of it */
function happensTo(file: string, cause: string, edit: string): ScriptedDrift[] {
  const path = `$OPENCLAW/${file}`;
  return [
    { name: `${file} edited`, line: edit.replaceAll("FILE", path), cause: `${cause}.content` },
    { name: `${file} removed`, line: `rm ${path}`, cause: `${cause}.gone` },
    { name: `${file} 0644`, line: `chmod 644 ${path}`, cause: `${cause}.mode` },
    { name: `${file} another owner's`, line: `chown 1234 ${path}`, cause: `${cause}.owner` },
    {
      name: `${file} symlinked`,
      line: `mv ${path} ${path}.moved && ln -s ${path}.moved ${path}`,
      cause: `${cause}.kind`,
      fix: null,
      undo: `mv ${path}.moved ${path}`,
    },
  ];
}

export const scriptedDrifts: readonly ScriptedDrift[] = [
  // The container.
  { name: "docker stop", line: "docker stop $C", cause: "container.stopped", sample: true },
  { name: "docker pause", line: "docker pause $C", cause: "container.paused" },
  { name: "docker kill", line: "docker kill $C", cause: "container.stopped" },
  { name: "docker rm", line: "docker rm -f $C", cause: "container.gone" },
  {
    name: "docker update --memory",
    line: "docker update --memory 256m $C",
    cause: "container.memory",
    sample: true,
  },
  {
    name: "docker update --memory --memory-swap",
    line: "docker update --memory 300m --memory-swap 300m $C",
    cause: "container.memory",
  },
  {
    name: "docker update --memory-swap",
    line: "docker update --memory-swap -1 $C",
    cause: "container.memory-swap",
  },
  { name: "docker update --restart", line: "docker update --restart no $C", cause: "container.restart" },
  {
    name: "docker update --restart, so often",
    line: "docker update --restart on-failure:3 $C",
    cause: "container.restart",
  },
  {
    name: "docker update --cpus",
    line: "docker update --cpus 0.5 --memory-reservation 128m $C",
    cause: "container.limits",
  },
  {
    name: "docker update --pids-limit",
    line: "docker update --pids-limit 100 $C",
    cause: "container.limits",
  },
  { name: "docker rename", line: "docker rename $C old", cause: "container.renamed" },
  {
    name: "a second network",
    line: "docker network create other; docker network connect other $C",
    cause: "container.networks",
    sample: true,
  },
  {
    name: "off its network",
    line: "docker network disconnect $C-network $C",
    cause: "container.network-left",
  },
  {
    name: "stopped, and its port taken",
    line: "docker stop $C && docker run -d --name second -p 127.0.0.1:8200:8200 --entrypoint sleep $IMAGE 600",
    cause: "container.stopped",
    fix: null,
    undo: "docker rm -f second; docker start $C; oo vault unseal",
  },
  {
    name: "recreated with another image",
    line: `docker commit $C other:1 && ${recreated({ image: "other:1" })}`,
    cause: "container.replaced",
  },
  {
    name: "recreated on 0.0.0.0",
    line: recreated({ ip: "0.0.0.0" }),
    cause: "container.replaced",
    sample: true,
  },
  {
    name: "recreated with an added capability",
    line: recreated({ more: "--cap-add NET_ADMIN" }),
    cause: "container.replaced",
  },
  { name: "recreated without read-only", line: recreated({ readOnly: "" }), cause: "container.replaced" },
  {
    name: "recreated with another variable",
    line: recreated({ more: "-e VAULT_LOG_LEVEL=trace" }),
    cause: "container.replaced",
  },
  {
    name: "recreated by somebody else",
    line: recreated({ label: "" }),
    cause: "container.foreign",
    fix: null,
    undo: restart,
  },
  {
    name: "a second container on the volume",
    line: "docker run -d --name second -v $C-data:/data --entrypoint sleep $IMAGE 600",
    cause: "volume.shared:*",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "a second container on the volume's folder",
    line: `docker run -d --name second -v $(docker volume inspect -f '{{.Mountpoint}}' $C-data):/data --entrypoint sleep $IMAGE 600`,
    cause: "volume.shared:*",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "the image's name on another image",
    line: "docker commit $C other:2 && docker tag other:2 $IMAGE_NAME",
    cause: "image.tag",
  },
  {
    name: "the home volume gone",
    line: "docker rm -f $C && docker volume rm $C-home",
    cause: "volume.home",
  },
  {
    name: "the home volume made by somebody else",
    line: "docker rm -f $C && docker volume rm $C-home && docker volume create $C-home",
    cause: "volume.foreign:*",
    fix: null,
    undo: "docker volume rm $C-home",
  },
  {
    name: "Vault's data another user's",
    line: [
      "docker run --rm -u 0 -v $C-data:/data --entrypoint chown $IMAGE -R 0 /data",
      "docker restart $C",
      "until [ $(docker inspect -f '{{.RestartCount}}' $C) -gt 0 ]; do sleep 0.1; done",
    ].join("\n"),
    cause: "container.restarting",
    fix: null,
    undo: "docker run --rm -u 0 -v $C-data:/data --entrypoint chown $IMAGE -R 100:1000 /data; docker restart $C; oo vault unseal",
  },
  {
    name: "the setup guide's token helper removed",
    line: "docker exec $C rm /home/vault/token-helper",
    cause: "docker.exec.token-helper",
  },
  {
    name: "the setup guide's token helper edited",
    line: "docker exec $C sh -c 'echo : >> /home/vault/token-helper'",
    cause: "docker.exec.token-helper",
  },
  {
    name: "the setup guide's token helper for everybody",
    line: "docker exec $C chmod 0755 /home/vault/token-helper",
    cause: "docker.exec.token-helper",
  },
  {
    name: "the setup guide's token helper behind a link",
    line: "docker exec $C sh -c 'cd /home/vault && cp token-helper /tmp/other && rm token-helper && ln -s /tmp/other token-helper'",
    cause: "docker.exec.token-helper",
  },
  // Vault.
  { name: "vault operator seal", line: "as_root operator seal", cause: "vault.sealed" },
  {
    name: "kv put, the deployed key chosen",
    line: "as_root kv put secret/openrouter api_key=$OTHER_KEY",
    cause: "secret.value",
    fix: ["--key", "deployed"],
    sample: true,
  },
  {
    name: "kv put, the stored key chosen",
    line: "as_root kv put secret/openrouter api_key=$OTHER_KEY",
    cause: "secret.value",
    fix: ["--key", "stored"],
    undo: "OPENROUTER_API_KEY=$KEY oo up --replace-key",
  },
  {
    name: "kv put of the same key",
    line: "as_root kv put secret/openrouter api_key=$KEY",
    cause: "secret.version",
  },
  { name: "kv patch", line: "as_root kv patch secret/openrouter note=x", cause: "secret.fields" },
  {
    name: "kv delete",
    line: "as_root kv delete secret/openrouter",
    cause: "secret.deleted",
    withKey: true,
  },
  {
    name: "kv destroy",
    line: "as_root kv destroy -versions=$VERSION secret/openrouter",
    cause: "secret.destroyed",
    withKey: true,
  },
  {
    name: "kv metadata delete",
    line: "as_root kv metadata delete secret/openrouter",
    cause: "secret.gone",
    withKey: true,
  },
  {
    name: "kv metadata put",
    line: "as_root kv metadata put -delete-version-after=48h -max-versions=3 secret/openrouter",
    cause: "secret.metadata:*",
  },
  {
    name: "the reader's policy edited",
    line: `echo 'path "secret/*" { capabilities = ["read"] }' | as_root policy write openclaw-reader -`,
    cause: "vault.policy:openclaw-reader",
    sample: true,
  },
  {
    name: "the reader's policy deleted",
    line: "as_root policy delete openclaw-reader",
    cause: "vault.policy:openclaw-reader",
  },
  {
    name: "the auditor's policy edited",
    line: `echo 'path "sys/mounts" { capabilities = ["read"] }' | as_root policy write openclaw-auditor -`,
    cause: "vault.policy:openclaw-auditor",
  },
  {
    name: "the deployer's policy edited",
    line: `echo 'path "*" { capabilities = ["sudo", "update"] }' | as_root policy write openclaw-deployer -`,
    cause: "vault.policy:openclaw-deployer",
  },
  {
    name: "the operators' policy edited",
    line: `echo 'path "*" { capabilities = ["sudo", "update"] }' | as_root policy write openclaw-operator -`,
    cause: "vault.policy:openclaw-operator",
  },
  { name: "audit off", line: "as_root audit disable file", cause: "vault.audit" },
  {
    name: "audit with values in the clear",
    line: "as_root audit disable file && as_root audit enable file file_path=stdout log_raw=true",
    cause: "vault.audit:options",
  },
  {
    name: "a second audit device with values in the clear",
    line: "as_root audit enable -path=second file file_path=/vault/logs/second.log log_raw=true",
    cause: "vault.audit.raw:second",
    fix: null,
    undo: "as_root audit disable second",
  },
  {
    name: "the reader's role: TTL",
    line: "as_root write auth/approle/role/openclaw-reader token_ttl=24h",
    cause: "vault.role:openclaw-reader:token_ttl",
  },
  {
    name: "the reader's role: policies",
    line: "as_root write auth/approle/role/openclaw-reader token_policies=openclaw-reader,openclaw-deployer",
    cause: "vault.role:openclaw-reader:token_policies",
  },
  {
    name: "the deployer's role: TTL",
    line: "as_root write auth/approle/role/openclaw-deployer token_ttl=24h",
    cause: "vault.role:openclaw-deployer:token_ttl",
  },
  {
    name: "the auditor's role: no secret id",
    line: "as_root write auth/approle/role/openclaw-auditor bind_secret_id=false token_bound_cidrs=0.0.0.0/0",
    cause: "vault.role:openclaw-auditor:*",
  },
  {
    name: "the auditor's role: a period",
    line: "as_root write auth/approle/role/openclaw-auditor token_type=service token_period=768h",
    cause: "vault.role:openclaw-auditor:*",
  },
  {
    name: "the reader's role deleted",
    line: "as_root delete auth/approle/role/openclaw-reader",
    cause: "vault.role:openclaw-reader",
  },
  {
    name: "the reader's secret ids destroyed",
    line: "as_root write auth/approle/role/openclaw-reader/secret-id-accessor/destroy secret_id_accessor=$(as_root list -format=json auth/approle/role/openclaw-reader/secret-id | tr -d '[]\" \\n')",
    cause: "credentials.reader",
  },
  {
    name: "the auth method disabled",
    line: "as_root auth disable approle",
    cause: "vault.mount:approle",
  },
  {
    name: "a second secret id for the reader",
    line: "as_root write -f auth/approle/role/openclaw-reader/secret-id",
    cause: "vault.secret-ids:openclaw-reader",
  },
  {
    name: "versions of the whole mount",
    line: "as_root write secret/config max_versions=1 cas_required=true delete_version_after=24h",
    cause: "vault.kv:*",
  },
  {
    name: "the auth method re-created",
    line: "as_root auth disable approle && as_root auth enable approle",
    cause: "credentials.all",
  },
  {
    name: "the mount moved",
    line: "as_root secrets move secret/ other/",
    cause: "vault.mount:secret",
    fix: null,
    undo: "as_root secrets move other/ secret/",
  },
  {
    name: "the mount for backups disabled",
    line: "as_root secrets disable openclaw",
    cause: "vault.mount:openclaw",
    fix: null,
    undo: 'as_root secrets enable -path=openclaw -version=1 -description="Kept for backups by openclaw-openrouter" kv',
  },
  {
    name: "a root token made",
    line: "as_root token create -policy=root -orphan",
    cause: "vault.root-token:*",
  },
  {
    name: "the mount tuned to log the key",
    line: "as_root secrets tune -audit-non-hmac-response-keys=api_key secret/",
    cause: "vault.mount:secret:config.audit_non_hmac_response_keys",
  },
  {
    name: "the auth method tuned",
    line: "as_root auth tune -max-lease-ttl=1h approle/",
    cause: "vault.mount:approle:config.max_lease_ttl",
  },
  {
    name: "the mount's options, and its description",
    line: "as_root secrets tune -options=note=x -description=x secret/",
    cause: "vault.mount:secret:*",
  },
  {
    name: "the token's header in the audit log",
    line: "as_root write sys/config/auditing/request-headers/x-vault-token hmac=false",
    cause: "vault.audited-header:x-vault-token",
  },
  {
    name: "the API opened to web pages",
    line: "as_root write sys/config/cors allowed_origins=* enabled=true",
    cause: "vault.cors",
  },
  {
    name: "another security policy of Vault's web pages",
    line: `as_root write sys/config/ui/headers/Content-Security-Policy values="default-src *"`,
    cause: "vault.web-header:*",
  },
  {
    name: "the auth method moved",
    line: "as_root auth move approle/ other/",
    cause: "vault.mount:approle",
    fix: null,
    undo: "as_root auth move other/ approle/",
  },
  // Files.
  ...happensTo("config.json", "openclaw.guide", "sed -i 's/claude-haiku-4.5/claude-opus-4/' FILE"),
  ...happensTo("openrouter.json5", "openclaw.fragment", "sed -i 's/api-key/oauth/' FILE"),
  ...happensTo(
    "openclaw-openrouter/resolver.cjs",
    "openclaw.resolver:resolver.cjs",
    "echo 'console.error(process.env)' >> FILE",
  ),
  {
    name: "the include taken out",
    line: "sed -i '/include/d' $OPENCLAW/openclaw.json",
    cause: "openclaw.include.content",
    sample: true,
  },
  {
    name: "OpenClaw's placeholder in the key's place",
    line: `sed -i 's/"gateway"/"models": { "providers": { "openrouter": { "apiKey": "__OPENCLAW_REDACTED__" } } }, "gateway"/' $OPENCLAW/openclaw.json`,
    cause: "openclaw.leftover:placeholder",
    sample: true,
  },
  {
    name: "a plain key written back",
    line: `sed -i 's/"gateway"/"models": { "providers": { "openrouter": { "apiKey": "'$OTHER_KEY'" } } }, "gateway"/' $OPENCLAW/openclaw.json`,
    cause: "openclaw.leftover:key",
  },
  {
    name: "the include taken out, and copies of the fragment written instead",
    line: `sed '/^\\/\\//d' $OPENCLAW/openrouter.json5 | sed '$s/}$/, "gateway": { "mode": "local" } }/' > $OPENCLAW/copy && cat $OPENCLAW/copy > $OPENCLAW/openclaw.json && rm $OPENCLAW/copy`,
    cause: "openclaw.include.content",
  },
  {
    name: "a mode with which OpenClaw starts no gateway",
    line: `sed -i 's/"local"/"remote"/' $OPENCLAW/openclaw.json`,
    cause: "openclaw.mode",
    fix: null,
    undo: `sed -i 's/"remote"/"local"/' $OPENCLAW/openclaw.json`,
  },
  {
    name: "an agent with a model of its own",
    line: `sed -i 's/"gateway"/"agents": { "entries": { "main": { "model": { "primary": "openai\\/gpt-5", "fallbacks": [] } } } }, "gateway"/' $OPENCLAW/openclaw.json`,
    cause: "openclaw.model:agents.entries.main.model.primary",
    fix: null,
    undo: `sed -i 's/"agents".*"gateway"/"gateway"/' $OPENCLAW/openclaw.json`,
  },
  {
    name: "a plain key in OpenClaw's folder",
    line: `echo OPENROUTER_API_KEY=$OTHER_KEY > $OPENCLAW/.env`,
    cause: "openclaw.plain-key:.env",
    fix: null,
    undo: "rm $OPENCLAW/.env",
  },
  {
    name: "the fragment shadowed",
    line: `sed -i 's/"gateway"/"agents": { "defaults": { "model": "openai\\/gpt-5" } }, "gateway"/' $OPENCLAW/openclaw.json`,
    cause: "openclaw.shadowed:*",
    fix: null,
    undo: `sed -i 's/"agents".*"gateway"/"gateway"/' $OPENCLAW/openclaw.json`,
  },
  {
    name: "a secret provider of our name",
    line: `sed -i 's/"gateway"/"secrets": { "providers": { "openclaw-openrouter": { "source": "env" } } }, "gateway"/' $OPENCLAW/openclaw.json`,
    cause: "openclaw.shadowed:secrets.providers.openclaw-openrouter",
    fix: null,
    undo: `sed -i 's/"secrets".*"gateway"/"gateway"/' $OPENCLAW/openclaw.json`,
  },
  {
    name: "the resolver's credential changed",
    line: "echo 00000000-0000-0000-0000-000000000000 > $OPENCLAW/openclaw-openrouter/secret_id",
    cause: "openclaw.resolver:secret_id.content",
  },
  {
    name: "OpenClaw's folder removed",
    line: "rm -r $OPENCLAW",
    cause: "openclaw.folder.gone",
  },
  {
    name: "OpenClaw's folder opened to others",
    line: "chmod 777 $OPENCLAW",
    cause: "openclaw.folder.mode",
  },
  {
    name: "OpenClaw's folder another owner's",
    line: "chown 1234 $OPENCLAW",
    cause: "openclaw.folder.owner",
  },
  {
    name: "the resolver's folder removed",
    line: "rm -r $OPENCLAW/openclaw-openrouter",
    cause: "openclaw.resolver.gone",
  },
  {
    name: "the resolver's folder opened to others",
    line: "chmod 755 $OPENCLAW/openclaw-openrouter",
    cause: "openclaw.resolver.mode",
  },
  {
    name: "the resolver's folder behind a link",
    line: "cd $OPENCLAW && mv openclaw-openrouter moved && ln -s moved openclaw-openrouter",
    cause: "openclaw.resolver.kind",
    fix: null,
    undo: "cd $OPENCLAW && rm openclaw-openrouter && mv moved openclaw-openrouter",
  },
  {
    name: "the resolver's Node gone",
    line: [
      'ln -s "$NODE" $HOME_OF_INSTANCE/node',
      `edit_settings openclaw.node "$(printf '"%s"' $HOME_OF_INSTANCE/node)" && oo up && rm $HOME_OF_INSTANCE/node`,
    ].join("\n"),
    cause: "openclaw.resolver.node",
    fix: null,
    undo: "edit_settings openclaw.node && oo up",
  },
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
  // Settings and state.
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
  // The key at OpenRouter.
  {
    name: "the key disabled",
    line: "at_openrouter disabled true",
    cause: "key.*",
    fix: null,
    undo: "at_openrouter disabled false",
    sample: true,
  },
  {
    name: "the limit raised",
    line: "at_openrouter limit 300",
    cause: "key.limit",
    fix: null,
    undo: "at_openrouter limit 30",
  },
  {
    name: "the limit removed",
    line: "at_openrouter limit null",
    cause: "key.limit",
    fix: null,
    undo: "at_openrouter limit 30",
  },
  // Who else has access: test/e2e/access.test.ts tries more of them at once.
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
  // What Vault would not open with again.
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
  // What shares the container's world.
  {
    name: "the certificate replaced in the files",
    line: "cp -p $HOME_OF_INSTANCE/tls/server.pem $HOME_OF_INSTANCE/moved.pem && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -out $HOME_OF_INSTANCE/tls/server.pem -days 800 -subj /CN=x 2>/dev/null",
    cause: "certificate.served",
    fix: null,
    undo: "mv $HOME_OF_INSTANCE/moved.pem $HOME_OF_INSTANCE/tls/server.pem",
  },
  {
    name: "a container in the network namespace",
    line: "docker run -d --name second --network container:$C --entrypoint sleep $IMAGE 600",
    cause: "container.shared:network",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "a container in the PID namespace",
    line: "docker run -d --name second --network none --pid container:$C --entrypoint sleep $IMAGE 600",
    cause: "container.shared:pid",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "a container in the namespace of one in the network namespace",
    line: [
      "docker run -d --name second --network container:$C --entrypoint sleep $IMAGE 600",
      "docker run -d --name third --network container:second --entrypoint sleep $IMAGE 600",
      "docker rm -f second",
    ].join("\n"),
    cause: "container.shared:network",
    fix: null,
    undo: "docker rm -f third",
  },
  {
    name: "a second container on the home volume",
    line: "docker run -d --name second --network none -v $C-home:/data --entrypoint sleep $IMAGE 600",
    cause: "volume.shared:*",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "a second container on the volume of the Unix listener",
    line: "docker run -d --name second --network none -v $C-socket:/data --entrypoint sleep $IMAGE 600",
    cause: "volume.shared:*",
    fix: null,
    undo: "docker rm -f second",
  },
  {
    name: "a token left in the container's home",
    line: "docker exec $C sh -c 'echo hvs.x > /home/vault/.vault-token'",
    cause: "volume.home-file:.vault-token",
    fix: null,
    undo: "docker exec $C rm /home/vault/.vault-token",
  },
  // What the deployer may not change back.
  {
    name: "the audit device made local",
    line: "as_root audit disable file && as_root audit enable -local file file_path=stdout",
    cause: "vault.audit:options",
  },
  {
    name: "the auth method's token type",
    line: "as_root auth tune -token-type=service approle/",
    cause: "vault.mount:approle:config.token_type",
  },
  {
    name: "the auth method's token type, batch only",
    line: "as_root auth tune -token-type=batch approle/",
    cause: "vault.mount:approle:config.token_type",
  },
  {
    name: "tokens in the clear in the audit log",
    line: "as_root auth tune -audit-non-hmac-response-keys=client_token token/",
    cause: "vault.mount.clear:token",
    fix: null,
    undo: "as_root auth tune -audit-non-hmac-response-keys= token/",
  },
  // Last: nothing brings the data back.
  {
    name: "the mount disabled",
    line: "as_root secrets disable secret",
    cause: "vault.mount:secret",
    fix: null,
  },
  {
    name: "the data volume gone",
    line: "docker rm -f $C && docker volume rm $C-data",
    cause: "volume.data",
    fix: null,
  },
];
