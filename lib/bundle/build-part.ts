import { chmod, copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../core/errors";
import { makeOnce } from "../core/files/make-once";
import { childEnvironment } from "../core/system/environment";
import { run } from "../core/system/process";
import { type Bundle, partFolder } from "./bundle";
import { buildArguments, buildEnvironment, bundleParts, type PartName } from "./bundle-parts";

interface BuildPartOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Called with the build's progress. */
  readonly note: (text: string) => void;
}

/** The name of Vault's own container entrypoint, which is copied beside the program. */
export const entrypoint = "docker-entrypoint.sh";

/** A line of `go build -v`: the import path of a package, and nothing else. */
const packagePath = /^[\w.~/-]+$/;

/**
 * Builds one part into its folder; a failed build leaves nothing behind.
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
  // Inside the part's folder, so that an interrupted build removes it too, and since /tmp can be small.
  const temporary = join(folder, "tmp");
  await mkdir(temporary);
  const env = {
    ...childEnvironment(buildEnvironment(bundle.platform), options.env),
    GOTMPDIR: temporary,
    // Fewer garbage collections in the compiler: 20% less time for some more memory.
    GOGC: "400",
  };
  const lastLines: string[] = [];
  let compiled = 0;
  // -v prints each package as it compiles: progress in a build that takes minutes.
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
  // The module cache is read-only, and so is a copy of its files.
  await copyFile(join(listed.stdout.trim(), ".release/docker", entrypoint), join(folder, entrypoint));
  await chmod(join(folder, entrypoint), 0o755);
}

const fixes: readonly (readonly [RegExp, string])[] = [
  [/no space left on device/, "make room: the builds need about 4 GB in Go's build cache (`go env GOCACHE`)"],
  [
    /signal: killed|cannot allocate memory/,
    "the machine ran out of memory: free some (Vault needs 3.6 GB) and run this again",
  ],
  [
    /dial tcp|no such host|proxyconnect|TLS handshake|connection refused|i\/o timeout|module lookup disabled|reading http/,
    "check the module proxy (`go env GOPROXY`), or copy an offline bundle from another machine\n" +
      "(made by `openclaw-openrouter bundle --out DIR`) and pass it: --bundle DIR",
  ],
  [
    /checksum mismatch|SECURITY ERROR/,
    "a module differs from the pinned one: do not use it, and check GOPROXY",
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
