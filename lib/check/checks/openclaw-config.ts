import { join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import { attempt } from "../../core/attempt";
import { reasonOf, UserError } from "../../core/errors";
import { accountOf } from "../../core/system/os-user";
import { quote } from "../../core/text";
import { mountLines } from "../../model/openclaw/gateway-container";
import { type ArtifactName, artifactNames } from "../../model/openclaw/openclaw";
import { openclawNames, openclawPaths } from "../../model/openclaw/openclaw-paths";
import { keysPage } from "../../model/openrouter-key";
import type { CheckParameters } from "../../model/run-parameters";
import { askWhereGatewayRuns, type Untried } from "../../openclaw/ask-resolver";
import { Refused } from "../../openclaw/folder/refused";
import { UsersFolder } from "../../openclaw/folder/users-folder";
import { plainKey } from "../../openclaw/gateway/key";
import { hasInclude, includeName } from "../../openclaw/include";
import { overridesIn } from "../../openclaw/install";
import { readFirstFound, readInstalled } from "../../openclaw/installed";
import { withinStack } from "../../openclaw/json5";
import { findLeftovers, type Leftover, leftoverKinds, leftoverTexts } from "../../openclaw/leftovers";
import { textOf } from "../../openclaw/plain-file";
import { combine, fail, pass, type Verdict } from "../../report/finding";
import type { Check } from "../check";
import type { CheckContext } from "../context";
import { warningsOf } from "../warnings";
import { fragmentProblems, guideProblems } from "./openclaw-content";

const up = "openclaw-openrouter up";
const warn = warningsOf("openclaw.config");

export const openclawConfig: Check = {
  id: "openclaw.config",
  why: "OpenClaw follows these files: they name the models and where to get the key.",
  needs: [],
  async run(context) {
    const points = [...filePoints(context), await resolved(context)];
    return combine("OpenClaw's files name these models, and give this key", points);
  },
};

/** Inspects all of OpenClaw's files as the user who runs it. */
function filePoints({ parameters, home }: CheckContext): Verdict[] {
  // Read before the switch to OpenClaw's user, who cannot read the records.
  const installed = readInstalled(home);
  const first = readFirstFound(home, installed)["openclaw.json"];
  const fragment = installed?.files["openrouter.json5"]?.placed.at(-1)?.declared ?? "";
  try {
    return UsersFolder.with(parameters.folder, accountOf(parameters.user), (folder) => {
      if (!folder) return [fail(`${parameters.folder} is missing`, up)];
      return [
        ...artifactNames.map((name) => inspect(name, folder, parameters)),
        ...included(folder, (text) =>
          findLeftovers(text, fragment, first && textOf(first, openclawPaths(folder.path).gateway)),
        ),
      ];
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [fail(reasonOf(error), error.props.fix ?? up)];
  }
}

function inspect(name: ArtifactName, folder: UsersFolder, parameters: CheckParameters): Verdict {
  const path = join(folder.path, name);
  const read = readPlain(folder, name);
  if ("problem" in read) return read.problem;
  if (plainKey.test(read.text)) return holdsKey(path);
  const errors: ParseError[] = [];
  // Editors on other systems put a byte order mark first, which a deploy keeps.
  const text = read.text.replace(/^\uFEFF/, "");
  // Text that is nested too deep for the parser has no content.
  const content = attempt(() =>
    withinStack((): unknown => parse(text, errors, { allowTrailingComma: true })),
  );
  if (errors.length > 0 || content === undefined)
    return fail(`${path} cannot be parsed`, `Fix it or move it away, then ${up}`);
  const wrong =
    name === "config.json" ? guideProblems(content, parameters) : fragmentProblems(content, parameters);
  if (wrong.length > 0) return fail(`${path}: ${wrong.join(", ")}`, up);
  return access(path, read);
}

/**
 * The gateway reads only openclaw.json: without the include it ignores the fragment.
 * @param leftoversIn what OpenClaw's own commands left in a text
 */
function included(folder: UsersFolder, leftoversIn: (text: string) => Leftover[]): Verdict[] {
  const path = openclawPaths(folder.path).gateway;
  const read = readPlain(folder, openclawNames.gateway);
  if ("problem" in read) return [read.problem];
  try {
    // The fix of a missing include removes what was left as well.
    if (!hasInclude(read.text)) return [fail(`${path} does not include ${includeName}`, up)];
    const leftovers = leftoversIn(read.text);
    if (leftovers.length > 0) return leftoverKinds.flatMap((kind) => left(kind, leftovers, path));
    if (plainKey.test(read.text)) return [holdsKey(path), ...overridden(folder)];
    // Its owner decides who can read it.
    const isOpen = (read.mode & 0o022) !== 0;
    return [isOpen ? access(path, read) : pass(`${path} includes the fragment`), ...overridden(folder)];
  } catch (error) {
    if (plainKey.test(read.text)) return [holdsKey(path)];
    return [fail(`${path} cannot be parsed: ${(error as Error).message}`, `Fix it, then ${up}`)];
  }
}

function left(kind: Leftover["kind"], leftovers: readonly Leftover[], path: string): Verdict[] {
  const found = leftovers.filter((each) => each.kind === kind);
  const [one] = found;
  if (!one) return [];
  const more = found.length > 1 ? ` and ${found.length - 1} more` : "";
  const rotate =
    "\nThen rotate it, since everyone who can read the file had it: openclaw-openrouter key rotate";
  return [
    fail(
      `${path}, line ${one.line}: ${leftoverTexts[kind]} (${one.name}${more})`,
      `openclaw-openrouter drift --fix${kind === "key" ? rotate : ""}`,
    ),
  ];
}

/** Reports values of the user's own that override the fragment's. They stay unchanged. */
function overridden(folder: UsersFolder): Verdict[] {
  const { values, unread } = overridesIn(folder);
  return [
    ...values.map(({ name, file, line }) =>
      warn(
        `value:${name}`,
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
  let why: unknown;
  const stored = await context.secret().catch((error) => {
    why = error;
  });
  const path = openclawPaths(parameters.folder).resolver;
  const answer = await askWhereGatewayRuns(parameters, parameters, context.engine);
  if ("untried" in answer) return untried(answer);
  // What Vault does not give anybody, no new files give the gateway.
  const fix = why instanceof UserError ? why.props.fix : undefined;
  if ("problem" in answer) return fail(`${path} gives the gateway no key: ${answer.problem}`, fix ?? up);
  if (!stored) return warn("not-compared", `${path} gives a key; Vault gave none to compare it with`);
  if (answer.key !== stored.key) return fail(`${path} gives another key than Vault has`, up);
  return pass(`${path} gives the key`);
}

/** Why the resolver in the gateway's container was not asked. */
function untried({ untried, gateway: { container, socketVolume } }: Untried): Verdict {
  if (untried === "no engine")
    return warn(
      "no-engine",
      `no Docker Engine answers, so the gateway in the container ${container} was not tried`,
      "Start the engine, or name its socket: export DOCKER_HOST=unix:///path/docker.sock",
    );
  return untried === "stopped"
    ? warn(
        "stopped",
        `the container ${container} does not run, so its gateway was not tried`,
        `Start it; or, if the gateway runs on this host, set \`openclaw.container\` to false, then ${up}`,
      )
    : fail(
        `the container ${container} does not mount the volume ${socketVolume}, so its gateway does not reach Vault`,
        mountLines(socketVolume),
      );
}

function holdsKey(path: string): Verdict {
  return fail(
    `${path} holds a key`,
    `Remove it, because everyone who can read the file has the key. Then rotate it at ${keysPage}.`,
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
  const by = (others: string) => `${path} can be ${others} by others (mode ${mode.toString(8)})`;
  const fix = `chmod 600 ${quote(path)}`;
  return (mode & 0o022) === 0 ? warn(`readable:${path}`, by("read"), fix) : fail(by("written"), fix);
}
