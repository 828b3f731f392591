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

/** The committed files that are generated from the schema, by their path in the project. */
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
  return `<!-- Generated from lib/config/settings.ts by scripts/generate.ts. Edit that file instead. -->
# Settings

Every option has a default; without a settings file, the instance follows the setup guide. A file names only the options that differ. One instance has one file, which is searched for in this order:

1. the file that \`--settings FILE\` names,
2. the instance directory, \`~/.openclaw-openrouter/<instance>/\`,
3. for the instance \`default\` only, the current folder,
4. the file that the last deploy used, wherever it is. If it is missing, \`up\` and \`deploy\` refuse to take every setting back to its default.

In the second and third place the file is named ${names}. Two such files in one place are an error, and so is a file that another user could exchange. JSON can hold comments and trailing commas; YAML cannot hold tags, anchors or aliases.

\`\`\`jsonc
{
  // Lets an editor complete and check the file.
  "$schema": "./${settingsSchemaFile}",
  "vault": { "port": 8210 },
  "models": { "default": "anthropic/claude-haiku-4.5" }
}
\`\`\`

A wrong file changes nothing: all problems are reported at once with line and column, and the exit code is 64.

**Do not put secrets in it.** A key, token, share, password or private key is refused and never shown. Give the OpenRouter key by \`OPENROUTER_API_KEY\`, \`--key-file FILE\`, \`--key-stdin\` or a hidden prompt, and the credentials of a Terraform backend by the environment variables that the backend reads (\`PGPASSWORD\`, \`AWS_ACCESS_KEY_ID\`, …).

In the instance \`sandbox\` these options are fixed and refused in a file: ${fixed}.
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
