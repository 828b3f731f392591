import { lstatSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import { z } from "zod";
import { type ArtifactName, artifactNames } from "../../model/artifacts";
import { secretProviderName, secretReferenceId } from "../../model/openclaw";
import { openclawPaths } from "../../model/openclaw-paths";
import type { CheckParameters } from "../../model/run-parameters";
import { askResolver } from "../../openclaw/ask-resolver";
import { hasInclude, includeName } from "../../openclaw/include";
import { overridesIn } from "../../openclaw/install";
import { type Check, combine, type Point } from "../check";
import type { CheckContext } from "../context";

const up = "npx openclaw-openrouter up";

export const openclawConfig: Check = {
  id: "openclaw.config",
  why: "OpenClaw does what these files say: the models, and where the key is had.",
  needs: [],
  async run(context) {
    const { parameters } = context;
    const points = [
      ...artifactNames.map((name) => look(name, parameters)),
      included(parameters),
      ...overridden(parameters),
      await resolved(context),
    ];
    return combine("OpenClaw's files name these models, and give this key", points);
  },
};

/** A key in full. A label such as `sk-or-v1-abc...123` is none. */
const key = /sk-or-v1-[A-Za-z0-9_-]{16,}/;

function look(name: ArtifactName, parameters: CheckParameters): Point {
  const path = join(parameters.folder, name);
  const read = readPlain(path);
  if ("problem" in read) return { status: "fail", seen: `${path} ${read.problem}`, remedy: up };
  if (key.test(read.text)) return holdsKey(path);
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

/** The gateway reads openclaw.json alone: without the include it knows nothing of the fragment. */
function included({ folder }: CheckParameters): Point {
  const path = openclawPaths(folder).gateway;
  const read = readPlain(path);
  if ("problem" in read) return { status: "fail", seen: `${path} ${read.problem}`, remedy: up };
  if (key.test(read.text)) return holdsKey(path);
  try {
    if (!hasInclude(read.text))
      return { status: "fail", seen: `${path} does not include ${includeName}`, remedy: up };
    // Who may read it is its owner's choice.
    if ((read.mode & 0o022) !== 0) return access(path, read, folder);
    return { status: "pass", seen: `${path} includes the fragment` };
  } catch (error) {
    const seen = `${path} cannot be parsed: ${(error as Error).message}`;
    return { status: "fail", seen, remedy: `Mend it; then ${up}` };
  }
}

/** A value of the user's own that wins over the fragment's is told, and left to its owner. */
function overridden(parameters: CheckParameters): Point[] {
  try {
    return overridesIn(parameters).map(({ name, file, line }) => ({
      status: "warn",
      seen: `${file}, line ${line}: your own ${name} wins over what is declared`,
      remedy: `Take ${name} out of ${file}, or leave it so if it is meant.`,
    }));
  } catch {
    // That it does not parse was told above.
    return [];
  }
}

/** The key by the way on which the gateway gets it. Where there is none, the resolver says why: the gateway does not show it. */
async function resolved(context: CheckContext): Promise<Point> {
  const { parameters } = context;
  const stored = await context.secret().catch(() => undefined);
  const path = openclawPaths(parameters.folder).resolver;
  const answer = await askResolver(parameters, parameters);
  if ("problem" in answer)
    return { status: "fail", seen: `${path} gives the gateway no key: ${answer.problem}`, remedy: up };
  if (!stored) return { status: "warn", seen: `${path} gives a key, and there was none to compare it with` };
  if (answer.key !== stored.key)
    return { status: "fail", seen: `${path} gives another key than Vault has`, remedy: up };
  return { status: "pass", seen: `${path} gives the key` };
}

function holdsKey(path: string): Point {
  return {
    status: "fail",
    seen: `${path} holds a key`,
    remedy: `Take it out, since everybody who reads the file has it; then rotate it at https://openrouter.ai/settings/keys.`,
  };
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
      openrouter: z.object({
        baseUrl: text,
        auth: text,
        apiKey: z.object({ source: text, provider: text, id: text }),
      }),
    }),
  }),
  agents: z.object({ defaults: z.object({ model: z.object({ primary: text, fallbacks: z.array(text) }) }) }),
});

function fragmentProblems(content: unknown, parameters: CheckParameters): string[] {
  const parsed = fragment.safeParse(content);
  if (!parsed.success) return missing(parsed.error);
  const { secrets, models, agents } = parsed.data;
  const { baseUrl, auth, apiKey } = models.providers.openrouter;
  const { primary, fallbacks } = agents.defaults.model;
  return [
    ...differs("agents.defaults.model.primary", primary, `openrouter/${parameters.model}`),
    ...differs(
      "agents.defaults.model.fallbacks",
      fallbacks[0],
      `openrouter/${parameters.otherModels.fallback}`,
    ),
    ...differs("models.providers.openrouter.baseUrl", baseUrl, parameters.baseUrl),
    // Without it a key in the environment, or a stored profile, wins over Vault's.
    ...differs("models.providers.openrouter.auth", auth, "api-key"),
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
