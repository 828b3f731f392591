#!/bin/sh
# The setup guide's sections 2.7, 2.12 and 2.13 as a script, which may be run again: volume, container, init, unseal, mount,
# secret, file.
set -eu
umask 077
mkdir -p "$FOLDER"
shares=$FOLDER/init.txt

vault() { docker exec -i -e VAULT_ADDR=http://127.0.0.1:8200 -e VAULT_TOKEN "$VAULT_CONTAINER" vault "$@"; }

# 0 unsealed, 2 sealed or not initialized, else no answer
seal_status() {
  code=0
  vault status >"$FOLDER/status.txt" 2>&1 </dev/null || code=$?
}

if ! docker container inspect "$VAULT_CONTAINER" >/dev/null 2>&1; then
  docker volume create "$VAULT_CONTAINER-data" >/dev/null
  docker run --detach --name "$VAULT_CONTAINER" --restart unless-stopped --cap-add IPC_LOCK \
    --publish "127.0.0.1:$VAULT_PORT:8200" --volume "$VAULT_CONTAINER-data:/vault/file" \
    --env 'VAULT_LOCAL_CONFIG={"storage":{"raft":{"path":"/vault/file","node_id":"vault","performance_multiplier":1}},"listener":{"tcp":{"address":"0.0.0.0:8200","tls_disable":true}},"api_addr":"http://127.0.0.1:8200","cluster_addr":"https://127.0.0.1:8201","disable_mlock":true,"ui":true}' \
    "$VAULT_IMAGE" server >/dev/null
fi

seal_status
while [ "$code" -ne 0 ] && [ "$code" -ne 2 ]; do
  sleep 0.1
  seal_status
done
if grep -q '^Initialized *false' "$FOLDER/status.txt"; then
  vault operator init -key-shares=5 -key-threshold=3 >"$shares" </dev/null
fi
if [ "$code" -eq 2 ]; then
  for number in 1 2 3; do
    sed -n "s/^Unseal Key $number: //p" "$shares" | tr -d '\n' | vault write sys/unseal key=- >/dev/null
  done
fi

VAULT_TOKEN=$(sed -n 's/^Initial Root Token: //p' "$shares")
export VAULT_TOKEN
until vault token lookup >/dev/null 2>&1 </dev/null; do sleep 0.1; done
if ! vault secrets list </dev/null | grep -q '^secret/'; then
  vault secrets enable -path=secret -version=2 kv >/dev/null </dev/null
fi
if [ "$(vault kv get -field=api_key secret/openrouter 2>/dev/null </dev/null)" != "$OPENROUTER_API_KEY" ]; then
  # A mount of version 2 is not ready at once.
  until printf %s "$OPENROUTER_API_KEY" | vault kv put secret/openrouter api_key=- >/dev/null 2>&1; do sleep 0.1; done
fi

cat >"$FOLDER/config.json" <<END
{
  "instance_name": "oa-paris",
  "environment": "production",
  "model": { "provider": "openrouter", "default_model": "anthropic/claude-sonnet-5", "fallback_model": "anthropic/claude-haiku-4.5", "temperature": 0.3, "max_tokens": 8192 },
  "vault": { "enabled": true, "address": "http://127.0.0.1:$VAULT_PORT", "token_env": "VAULT_TOKEN", "secret_prefix": "secret" }
}
END
