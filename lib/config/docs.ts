import { formattedJson } from "../core/text";
import { settingsFileNames } from "./file";
import {
  describeOption,
  listOptions,
  type OptionSchema,
  settingsJsonSchema,
  settingsSchemaFile,
} from "./json-schema";
import { fixedInSandbox } from "./problems";

/** The files that are generated from the schema and committed, by their path in the project. */
export function generatedSettingsFiles(): Record<string, string> {
  return {
    [settingsSchemaFile]: formattedJson(settingsJsonSchema()),
    "docs/settings.md": renderSettingsPage(),
  };
}

function renderSettingsPage(): string {
  const schema = settingsJsonSchema();
  const groups = Object.entries(schema.properties ?? {}).filter(([, group]) => group.properties);
  const names = settingsFileNames.map((name) => `\`${name}\``).join(", ");
  const fixed = fixedInSandbox.map((path) => `\`${path.join(".")}\``).join(", ");
  return `<!-- Generated from lib/config/settings.ts by scripts/generate.ts. Changes belong there. -->
# Settings

Every option has a default, and no settings file at all gives the setup guide's own arrangement: a file names only what is to be different. One instance has one file, which is looked for in this order:

1. the file that \`--settings FILE\` names,
2. the instance directory, \`~/.openclaw-openrouter/<instance>/\`,
3. for the instance \`default\` only, the root of the project.

In the last two places it has one of the names ${names}. Two of them in one place are refused. JSON may hold comments and trailing commas; YAML may hold no tags, anchors or aliases.

\`\`\`jsonc
{
  // Lets an editor complete and check the file.
  "$schema": "./${settingsSchemaFile}",
  "vault": { "port": 8210 },
  "models": { "default": "anthropic/claude-haiku-4.5" }
}
\`\`\`

A wrong file changes nothing: every problem is told at once with its place, and the exit code is 64.

**No secret belongs in it.** A key, token, share, password or private key is refused without being shown. The OpenRouter key comes by \`OPENROUTER_API_KEY\`, \`--key-file FILE\`, \`--key-stdin\` or a hidden prompt; credentials of a Terraform backend come by the environment variables that the backend reads (\`PGPASSWORD\`, \`AWS_ACCESS_KEY_ID\`, …).

The instance \`sandbox\` has these fixed, and refuses them in a file: ${fixed}.
${groups.map(([name, group]) => renderGroup(name, group)).join("")}`;
}

function renderGroup(name: string, group: OptionSchema): string {
  const rows = listOptions(group, [name]).map(([path, option]) => {
    const [sentence, derived] = (option.description ?? "").split(" Default: ");
    const value = derived?.replace(/\.$/, "") ?? `\`${JSON.stringify(option.default)}\``;
    return `| \`${path.join(".")}\` | ${describeOption(option)} | ${value} | ${sentence} |`;
  });
  return `
## \`${name}\`

${group.description}

| Option | Takes | Default | |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}
