import { chmod, copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { childEnvironment } from "../core/environment";
import { UserError } from "../core/errors";
import { makeOnce } from "../core/files/make-once";
import { run } from "../core/process";
import { type Bundle, partFolder } from "./bundle";
import { buildArguments, buildEnvironment, bundleParts, type PartName } from "./bundle-parts";

export interface BuildPartOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Told what the build is at. */
  readonly note: (text: string) => void;
}

/** Name of Vault's own container entrypoint, which is kept beside the program. */
export const entrypoint = "docker-entrypoint.sh";

/** A line of `go build -v`: the import path of a package, and nothing else. */
const packagePath = /^[\w.~/-]+$/;

/**
 * Builds one part into its folder; nothing is left behind where it fails.
 * @throws UserError with the end of Go's output.
 */
export async function buildPart(bundle: Bundle, name: PartName, options: BuildPartOptions): Promise<void> {
  await makeOnce(partFolder(bundle, name), (folder) => build(bundle, name, folder, options), {
    signal: options.signal,
    onWait: (pid) => options.note(`process ${pid} is building it`),
  });
}

async function build(
  bundle: Bundle,
  name: PartName,
  folder: string,
  options: BuildPartOptions,
): Promise<void> {
  const part = bundleParts[name];
  const cwd = join(bundle.sources, name);
  // Beside what is made, so that it goes with it when interrupted, and since /tmp may be small.
  const temporary = join(folder, "tmp");
  await mkdir(temporary);
  const env = {
    ...childEnvironment(buildEnvironment(bundle.platform), options.env),
    GOTMPDIR: temporary,
    // Fewer garbage collections of the compiler: a fifth less time for some more memory.
    GOGC: "400",
  };
  const lastLines: string[] = [];
  let compiled = 0;
  // -v names each package while it compiles: a sign of life in the minutes that this takes.
  const [command = "", ...flags] = buildArguments(part);
  const result = await run("go", [command, "-v", ...flags, "-o", join(folder, part.file), part.package], {
    cwd,
    env,
    signal: options.signal,
    onLine: (line) => {
      if (packagePath.test(line)) {
        options.note(`${++compiled} packages`);
        return;
      }
      if (line.startsWith("go: downloading")) options.note("fetching modules");
      lastLines.push(line);
      if (lastLines.length > 12) lastLines.shift();
    },
  });
  options.signal.throwIfAborted();
  if (result.exitCode !== 0) throw buildFailure(name, lastLines, result.failure);
  await chmod(join(folder, part.file), 0o755);
  await rm(temporary, { recursive: true });
  if (name === "vault") await copyEntrypoint(cwd, folder, env);
}

async function copyEntrypoint(cwd: string, folder: string, env: Record<string, string>): Promise<void> {
  const listed = await run("go", ["list", "-m", "-f", "{{.Dir}}", "github.com/hashicorp/vault"], {
    cwd,
    env,
  });
  if (listed.exitCode !== 0) throw buildFailure("vault", listed.stderr.split("\n"), listed.failure);
  // The module cache is read-only, and a copy would be as well.
  await copyFile(join(listed.stdout.trim(), ".release/docker", entrypoint), join(folder, entrypoint));
  await chmod(join(folder, entrypoint), 0o755);
}

const fixes: readonly (readonly [RegExp, string])[] = [
  [/no space left on device/, "make room: the builds take some 4 GB in Go's build cache (`go env GOCACHE`)"],
  [
    /signal: killed|cannot allocate memory/,
    "the machine ran out of memory: free some (Vault takes 3.6 GB) and start again",
  ],
  [
    /dial tcp|no such host|proxyconnect|TLS handshake|connection refused|i\/o timeout|module lookup disabled|reading http/,
    "a module proxy must answer (`go env GOPROXY`); or carry an offline bundle here\n" +
      "from another machine (`openclaw-openrouter bundle --out DIR`) and name it: --bundle DIR",
  ],
  [
    /checksum mismatch|SECURITY ERROR/,
    "a module is not the one that was pinned: do not use it; see what GOPROXY names",
  ],
];

function buildFailure(name: PartName, lines: readonly string[], failure: string | undefined): UserError {
  const text = lines.join("\n");
  const fix = fixes.find(([pattern]) => pattern.test(text))?.[1];
  return new UserError({
    problem: `The bundle's ${name} could not be built.`,
    got: [failure, text].filter(Boolean).join("\n") || "go build failed without a message",
    ...(fix ? { fix } : {}),
  });
}
