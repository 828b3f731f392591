/** What a line of shell finds on the host: see `ScriptedDrift.line`. */
export const prelude = `
as_root() { docker exec -i -e VAULT_TOKEN="$ROOT" $C vault "$@"; }
oo() { "$NODE" "$PROGRAM" "$@"; }
at_openrouter() {
  printf '{"key": "%s", "%s": %s}' "$KEY" "$1" "$2" |
    curl -sf -X PUT -H 'content-type: application/json' -d @- http://127.0.0.1:$OPENROUTER_PORT/_sandbox/keys
}
edit_settings() {
  "$NODE" -e '
    const { readFileSync, writeFileSync } = require("node:fs");
    const [file, path, value] = process.argv.slice(1);
    const settings = JSON.parse(readFileSync(file, "utf8"));
    const names = path.split(".");
    const last = names.pop();
    let group = settings;
    for (const name of names) group = group[name] ??= {};
    if (value === undefined) delete group[last];
    else group[last] = JSON.parse(value);
    writeFileSync(file, JSON.stringify(settings));
  ' "$HOME_OF_INSTANCE/openrouter.settings.json" "$@"
}
set -e
`;
