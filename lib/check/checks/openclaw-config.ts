import { join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import { reasonOf, tryOr, UserError } from "../../core/errors";
import { accountOf } from "../../core/os-user";
import { type ArtifactName, artifactNames } from "../../model/artifacts";
import { openclawNames, openclawPaths } from "../../model/openclaw-paths";
import type { CheckParameters } from "../../model/run-parameters";
import { askResolver } from "../../openclaw/ask-resolver";
import { Refused } from "../../openclaw/folder/refused";
import { UsersFolder } from "../../openclaw/folder/users-folder";
import { hasInclude, includeName } from "../../openclaw/include";
import { overridesIn } from "../../openclaw/install";
import { withinStack } from "../../openclaw/json5";
import { combine, fail, pass, type Verdict, warn } from "../../report/finding";
import type { Check } from "../check";
import type { CheckContext } from "../context";
import { fragmentProblems, guideProblems } from "./openclaw-content";

const up = "openclaw-openrouter up";

export const openclawConfig: Check = {
  id: "openclaw.config",
  why: "OpenClaw follows these files: they name the models and where to get the key.",
  needs: [],
  async run(context) {
    const points = [...filePoints(context.parameters), await resolved(context)];
    return combine("OpenClaw's files name these models, and give this key", points);
  },
};

/** Inspects all of OpenClaw's files as the user who runs it. */
function filePoints(parameters: CheckParameters): Verdict[] {
  try {
    return UsersFolder.with(parameters.folder, accountOf(parameters.user), (folder) => {
      if (!folder) return [fail(`${parameters.folder} is missing`, up)];
      return [
        ...artifactNames.map((name) => inspect(name, folder, parameters)),
        included(folder),
        ...overridden(folder),
      ];
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [fail(reasonOf(error), error.props.fix ?? up)];
  }
}

/** A full key. A label such as `sk-or-v1-abc...123` does not match. */
const key = /sk-or-v1-[A-Za-z0-9_-]{16,}/;

function inspect(name: ArtifactName, folder: UsersFolder, parameters: CheckParameters): Verdict {
  const path = join(folder.path, name);
  const read = readPlain(folder, name);
  if ("problem" in read) return read.problem;
  if (key.test(read.text)) return holdsKey(path);
  const errors: ParseError[] = [];
  // Text that is nested too deep for the parser has no content.
  const content = tryOr(
    () => withinStack((): unknown => parse(read.text, errors, { allowTrailingComma: true })),
    undefined,
  );
  if (errors.length > 0 || content === undefined)
    return fail(`${path} cannot be parsed`, `Fix it or move it away, then ${up}`);
  const wrong =
    name === "config.json" ? guideProblems(content, parameters) : fragmentProblems(content, parameters);
  if (wrong.length > 0) return fail(`${path}: ${wrong.join(", ")}`, up);
  return access(path, read);
}

/** The gateway reads only openclaw.json: without the include it ignores the fragment. */
function included(folder: UsersFolder): Verdict {
  const path = openclawPaths(folder.path).gateway;
  const read = readPlain(folder, openclawNames.gateway);
  if ("problem" in read) return read.problem;
  if (key.test(read.text)) return holdsKey(path);
  try {
    if (!hasInclude(read.text)) return fail(`${path} does not include ${includeName}`, up);
    // Its owner decides who can read it.
    if ((read.mode & 0o022) !== 0) return access(path, read);
    return pass(`${path} includes the fragment`);
  } catch (error) {
    return fail(`${path} cannot be parsed: ${(error as Error).message}`, `Fix it, then ${up}`);
  }
}

/** Reports values of the user's own that override the fragment's. They stay unchanged. */
function overridden(folder: UsersFolder): Verdict[] {
  // A parse error is already reported above.
  const { values, unread } = tryOr(() => overridesIn(folder), { values: [], unread: [] });
  return [
    ...values.map(({ name, file, line }) =>
      warn(
        `${file}, line ${line}: your own ${name} wins over what is declared`,
        `Remove ${name} from ${file}, or keep it if you mean it.`,
      ),
    ),
    ...[...unread].map(([file, reason]) =>
      pass(
        `the included file ${file} was not inspected for values that win over what is declared: ${reason}`,
      ),
    ),
  ];
}

/** Gets the key the way the gateway does. If that fails, the resolver gives the reason, which the gateway does not show. */
async function resolved(context: CheckContext): Promise<Verdict> {
  const { parameters } = context;
  const stored = await context.secret().catch(() => undefined);
  const path = openclawPaths(parameters.folder).resolver;
  const answer = await askResolver(parameters, parameters);
  if ("problem" in answer) return fail(`${path} gives the gateway no key: ${answer.problem}`, up);
  if (!stored) return warn(`${path} gives a key; Vault gave none to compare it with`);
  if (answer.key !== stored.key) return fail(`${path} gives another key than Vault has`, up);
  return pass(`${path} gives the key`);
}

function holdsKey(path: string): Verdict {
  return fail(
    `${path} holds a key`,
    "Remove it, because everyone who can read the file has the key. Then rotate it at https://openrouter.ai/settings/keys.",
  );
}

interface PlainFile {
  readonly text: string;
  readonly mode: number;
}

function readPlain(folder: UsersFolder, name: string): PlainFile | { problem: Verdict } {
  const path = join(folder.path, name);
  try {
    const file = folder.read(name);
    if (file) return { text: file.bytes.toString("utf8"), mode: file.mode };
    return { problem: fail(`${path} is missing`, up) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { got, expected, fix } = error.props;
    return { problem: fail(`${path} is ${got}, expected ${expected}`, fix ?? up) };
  }
}

/** Only their owner is to read the files. */
function access(path: string, { mode }: PlainFile): Verdict {
  if ((mode & 0o077) === 0) return pass(`${path} names these models, this Vault and this key's path`);
  const [others, judge] = (mode & 0o022) === 0 ? (["read", warn] as const) : (["written", fail] as const);
  return judge(`${path} can be ${others} by others (mode ${mode.toString(8)})`, `chmod 600 ${path}`);
}
