import type { ScriptedDrift } from "./scripted-drift";

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

/** OpenClaw's folder. */
export const openclawDrifts: readonly ScriptedDrift[] = [
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
    name: "the gateway's openclaw.json opened to others",
    line: "chmod o+w $OPENCLAW/openclaw.json",
    cause: "openclaw.include.mode",
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
];
