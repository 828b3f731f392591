import { lstatSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import { z } from "zod";
import { type ArtifactName, artifactNames } from "../../model/artifacts";
import { secretProviderName, secretReferenceId } from "../../model/openclaw";
import type { CheckParameters } from "../../model/run-parameters";
import { type Check, combine, type Point } from "../check";

const up = "npx openclaw-openrouter up";

export const openclawConfig: Check = {
  id: "openclaw.config",
  why: "OpenClaw does what these files say: the models, and where the key is had.",
  needs: [],
  async run({ parameters }) {
    const points = artifactNames.map((name) => look(name, parameters));
    return combine("both files name these models, this Vault and path", points);
  },
};

/** A key in full. A label such as `sk-or-v1-abc...123` is none. */
const key = /sk-or-v1-[A-Za-z0-9_-]{16,}/;

function look(name: ArtifactName, parameters: CheckParameters): Point {
  const path = join(parameters.folder, name);
  const read = readPlain(path);
  if ("problem" in read) return { status: "fail", seen: `${path} ${read.problem}`, remedy: up };
  if (key.test(read.text)) {
    return {
      status: "fail",
      seen: `${path} holds a key`,
      remedy: `Take it out, since everybody who reads the file has it; then rotate it at https://openrouter.ai/settings/keys.`,
    };
  }
  const errors: ParseError[] = [];
  const content: unknown = parse(read.text, errors, { allowTrailingComma: true });
  if (errors.length > 0)
    return {
      status: "fail",
      seen: `${path} cannot be parsed`,
      remedy: `Mend it, or move it away; then ${up}`,
    };
  const wrong =
    name === "config.json" ? guideProblems(content, parameters) : fragmentProblems(content, parameters);
  if (wrong.length > 0) return { status: "fail", seen: `${path}: ${wrong.join(", ")}`, remedy: up };
  return access(path, read, parameters.folder);
}

interface PlainFile {
  readonly text: string;
  readonly mode: number;
  readonly uid: number;
}

function readPlain(path: string): PlainFile | { problem: string } {
  try {
    const { mode, uid } = lstatSync(path);
    if ((mode & 0o170000) !== 0o100000) return { problem: "is not a plain file" };
    return { text: readFileSync(path, "utf8"), mode: mode & 0o777, uid };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { problem: "is not there" };
    if (code === "EACCES") return { problem: "may not be read by this user" };
    throw error;
  }
}

/** Both files belong to whoever has the folder, and are his to read alone. */
function access(path: string, { mode, uid }: PlainFile, folder: string): Point {
  const owner = statSync(folder).uid;
  if (uid !== owner) {
    const seen = `${path} belongs to uid ${uid}, its folder to ${owner}`;
    return { status: "fail", seen, remedy: `sudo chown ${owner} ${path}` };
  }
  if ((mode & 0o077) === 0)
    return { status: "pass", seen: `${path} names these models, this Vault and this key's path` };
  const others = (mode & 0o022) === 0 ? "read" : "written";
  const seen = `${path} can be ${others} by others (mode ${mode.toString(8)})`;
  return { status: others === "read" ? "warn" : "fail", seen, remedy: `chmod 600 ${path}` };
}

const text = z.string().optional().catch(undefined);
const guide = z.object({
  model: z.object({ provider: text, default_model: text, fallback_model: text }),
  vault: z.object({ enabled: z.unknown(), address: text, secret_prefix: text }),
  agents: z.object({ defaults: z.object({ models: z.array(z.object({ id: text })) }) }),
});

function guideProblems(content: unknown, parameters: CheckParameters): string[] {
  const parsed = guide.safeParse(content);
  if (!parsed.success) return missing(parsed.error);
  const { model, vault, agents } = parsed.data;
  const listed = agents.defaults.models.map(({ id }) => id);
  const wanted = [parameters.model, ...Object.values(parameters.otherModels)];
  return [
    ...differs("model.provider", model.provider, "openrouter"),
    ...differs("model.default_model", model.default_model, parameters.model),
    ...differs("model.fallback_model", model.fallback_model, parameters.otherModels.fallback),
    ...wanted.filter((id) => !listed.includes(id)).map((id) => `agents.defaults.models lacks ${id}`),
    ...differs("vault.enabled", vault.enabled, true),
    ...differs("vault.address", vault.address, parameters.address),
    ...differs("vault.secret_prefix", vault.secret_prefix, "secret"),
  ];
}

const fragment = z.object({
  secrets: z.object({
    providers: z.object({
      [secretProviderName]: z.object({ source: text, env: z.object({ VAULT_ADDR: text }) }),
    }),
  }),
  models: z.object({
    providers: z.object({
      openrouter: z.object({ baseUrl: text, apiKey: z.object({ source: text, provider: text, id: text }) }),
    }),
  }),
  agents: z.object({ defaults: z.object({ model: z.object({ primary: text, fallbacks: z.array(text) }) }) }),
});

function fragmentProblems(content: unknown, parameters: CheckParameters): string[] {
  const parsed = fragment.safeParse(content);
  if (!parsed.success) return missing(parsed.error);
  const { secrets, models, agents } = parsed.data;
  const { baseUrl, apiKey } = models.providers.openrouter;
  const { primary, fallbacks } = agents.defaults.model;
  return [
    ...differs("agents.defaults.model.primary", primary, `openrouter/${parameters.model}`),
    ...differs(
      "agents.defaults.model.fallbacks",
      fallbacks[0],
      `openrouter/${parameters.otherModels.fallback}`,
    ),
    ...differs("models.providers.openrouter.baseUrl", baseUrl, parameters.baseUrl),
    ...differs("apiKey.provider", apiKey.provider, secretProviderName),
    ...differs("apiKey.id", apiKey.id, secretReferenceId),
    ...differs("VAULT_ADDR", secrets.providers[secretProviderName]?.env.VAULT_ADDR, parameters.address),
  ];
}

function differs(name: string, found: unknown, expected: unknown): string[] {
  if (found === expected) return [];
  return [
    `${name} is ${found === undefined ? "missing" : JSON.stringify(found)}, declared is ${JSON.stringify(expected)}`,
  ];
}

function missing(error: z.ZodError): string[] {
  return error.issues
    .slice(0, 3)
    .map(({ path }) => `${path.join(".") || "the whole"} is missing or of another form`);
}
