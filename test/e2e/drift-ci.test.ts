import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { openKit } from "../../lib/host/kit";
import { kitCliConfig } from "../../lib/host/kit-mirror";
import { DriftBed } from "./support/drift-bed";
import { program } from "./support/host";

const root = resolve(__dirname, "../..");

const workflowSchema = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  concurrency: z.object({ group: z.string() }),
  jobs: z.record(
    z.string(),
    z.object({
      env: z.record(z.string(), z.string()).default({}),
      steps: z.array(
        z.object({
          name: z.string().optional(),
          id: z.string().optional(),
          if: z.string().optional(),
          uses: z.string().optional(),
          env: z.record(z.string(), z.string()).default({}),
          run: z.string().optional(),
        }),
      ),
    }),
  ),
});

function readWorkflow(name: string) {
  const text = readFileSync(join(root, "examples/ci", name), "utf8");
  const workflow = workflowSchema.parse(parse(text));
  const [job] = Object.values(workflow.jobs);
  return { text, ...workflow, job: job! };
}

/** What a run of a workflow's steps came to. */
interface JobResult {
  /** The exit code of the first step that failed; 0 where none did. */
  readonly code: number;
  readonly summary: string;
  readonly executed: number;
}

/**
 * Runs every `run:` step of a workflow as the runner does: bash with -e and pipefail, one after the other.
 * @param values what the expressions stand for
 */
async function runJob(
  name: string,
  folder: string,
  environment: NodeJS.ProcessEnv,
  values: Record<string, string>,
): Promise<JobResult> {
  const { job } = readWorkflow(name);
  const summaryFile = join(folder, "summary.md");
  const outputFile = join(folder, "output");
  writeFileSync(summaryFile, "");
  const outputs: Record<string, string> = {};
  let code = 0;
  let executed = 0;
  const evaluate = (text: string) =>
    text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, expression: string) => {
      const value = outputs[expression] ?? values[expression];
      if (value === undefined) throw new Error(`no value for ${expression}`);
      return value;
    });
  const all = (env: Record<string, string>) =>
    Object.fromEntries(Object.entries(env).map(([key, value]) => [key, evaluate(value)]));
  for (const step of job.steps) {
    if (!step.run || (code !== 0 && step.if !== "always()")) continue;
    writeFileSync(outputFile, "");
    const env = {
      ...environment,
      GITHUB_STEP_SUMMARY: summaryFile,
      GITHUB_OUTPUT: outputFile,
      ...all(job.env),
      ...all(step.env),
    };
    executed += 1;
    const ended = await bash(step.run, folder, env);
    code ||= ended;
    for (const line of readFileSync(outputFile, "utf8").split("\n").filter(Boolean)) {
      const [key = "", ...value] = line.split("=");
      outputs[`steps.${step.id}.outputs.${key}`] = value.join("=");
    }
  }
  return { code, summary: readFileSync(summaryFile, "utf8"), executed };
}

function bash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((done) => {
    execFile("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], { cwd, env }, (error) => {
      done(error ? Number(error.code ?? 1) : 0);
    });
  });
}

/** GitHub's issues in a folder: the only part here that is not real, since no GitHub is reached. */
const gh = `#!/bin/sh
echo "$@" >> "$GH_FOLDER/calls"
case "$1 $2" in
  "issue list") [ -e "$GH_FOLDER/open" ] && echo 7 || true ;;
  "issue create") echo made >> "$GH_FOLDER/made"; eval "cp \\"\\\${$#}\\" \\"$GH_FOLDER/open\\"" ;;
  "issue edit") eval "cp \\"\\\${$#}\\" \\"$GH_FOLDER/open\\"" ;;
  "issue close") rm "$GH_FOLDER/open" ;;
esac
`;

/** The host at the other end: the command runs with a login's environment, and nothing of the runner's. */
const ssh = `#!/bin/bash
[ -e "$SSH_DOWN" ] && exit 255
key=""
while [ $# -gt 0 ]; do
  case "$1" in
    -i) key=$2; shift 2 ;;
    -o) shift 2 ;;
    *) break ;;
  esac
done
[ "$(stat -c %a "$key")" = 600 ] || exit 255
shift
exec env -i "PATH=$PATH" "HOME=$REMOTE_HOME" "DOCKER_HOST=$DOCKER_HOST" "OPENCLAW_OPENROUTER_CACHE=$OPENCLAW_OPENROUTER_CACHE" "$@"
`;

test.each(["drift-self-hosted.yml", "drift-ssh.yml", "pull-request.yml"])(
  "%s: least permissions, one at a time, actions by commit",
  (name) => {
    const { job, permissions, concurrency, on } = readWorkflow(name);
    for (const { uses } of job.steps) if (uses) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    expect(concurrency.group).not.toBe("");
    const isPullRequest = name === "pull-request.yml";
    expect(permissions).toEqual(isPullRequest ? { contents: "read" } : { contents: "read", issues: "write" });
    expect(Object.keys(on)).toEqual(isPullRequest ? ["pull_request"] : ["schedule", "workflow_dispatch"]);
  },
);

test("a pull request's workflow names no secret and reaches no host", () => {
  const { text } = readWorkflow("pull-request.yml");
  const code = text.replace(/^\s*#.*$/gm, "");
  expect(code).not.toMatch(/secrets\.|ssh|self-hosted|pull_request_target|OPENROUTER_API_KEY/);
});

describe("drift in CI", () => {
  const bed = new DriftBed();
  const tools = join(bed.host.folder, "tools");
  const ghFolder = join(bed.host.folder, "github");

  beforeAll(async () => {
    await bed.deploy();
    for (const folder of [tools, ghFolder]) mkdirSync(folder);
    const own = `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`;
    for (const [name, text] of Object.entries({ gh, ssh, "openclaw-openrouter": own })) {
      writeFileSync(join(tools, name), text);
      chmodSync(join(tools, name), 0o755);
    }
  });
  afterAll(() => bed.remove());

  const down = join(bed.host.folder, "down");
  const issue = join(ghFolder, "open");
  const made = () =>
    existsSync(join(ghFolder, "made"))
      ? readFileSync(join(ghFolder, "made"), "utf8").split("\n").length - 1
      : 0;

  function run(name: string): Promise<JobResult> {
    const folder = join(bed.host.folder, `job-${name}`);
    mkdirSync(folder, { recursive: true });
    const environment = bed.host.environment({
      PATH: `${tools}:${process.env.PATH}`,
      GH_FOLDER: ghFolder,
      SSH_DOWN: down,
      REMOTE_HOME: bed.host.userHome,
      // A hosted runner's home is not the host's.
      ...(name === "drift-ssh.yml" ? { HOME: folder } : {}),
    });
    return runJob(name, folder, environment, {
      "github.token": "token",
      "github.repository": "you/openclaw",
      "secrets.OPENCLAW_SSH_KEY": "a private key",
      "vars.OPENCLAW_KNOWN_HOSTS": "host ssh-ed25519 AAAA",
      "vars.OPENCLAW_HOST": "openclaw@host",
    });
  }

  describe.each([
    ["drift-self-hosted.yml", 3],
    ["drift-ssh.yml", 5],
  ])("%s", (name, steps) => {
    test("a host without drift: every step runs, and no issue is there", async () => {
      const result = await run(name);
      expect(result).toMatchObject({ code: 0, executed: steps });
      expect(existsSync(issue)).toBe(false);
    });

    test("drift opens one issue, and only one, with what was found", async () => {
      const before = made();
      await bed.run("docker update --memory 256m $C");
      for (let time = 0; time < 2; time++) {
        const { code, summary } = await run(name);
        expect(code).toBe(2);
        expect(summary).toContain("container.memory");
        expect(readFileSync(issue, "utf8")).toContain("container.memory");
      }
      expect(made()).toBe(before + 1);
    });

    test("once it is mended the issue is closed", async () => {
      await bed.host.mustRun(["drift", "--fix", "--yes"]);
      expect((await run(name)).code).toBe(0);
      expect(existsSync(issue)).toBe(false);
    });
  });

  test("a host that ssh does not reach fails the job, and opens and closes nothing", async () => {
    writeFileSync(down, "");
    const calls = made();
    const { code, summary } = await run("drift-ssh.yml");
    expect(code).toBe(1);
    expect(summary).toContain("could not be determined");
    expect(made()).toBe(calls);
  });

  test("a pull request: both sides synthesized, validated, and compared", async () => {
    const folder = join(bed.host.folder, "pull-request");
    for (const [side, settings] of Object.entries({ base: {}, head: { vault: { memoryMegabytes: 640 } } })) {
      mkdirSync(join(folder, side), { recursive: true });
      // A checkout; its program is this one.
      symlinkSync(join(root, "scripts"), join(folder, side, "scripts"));
      writeFileSync(join(folder, side, "openrouter.settings.json"), JSON.stringify(settings));
    }
    const environment = {
      PATH: process.env.PATH,
      HOME: folder,
      // The registry's part is the kit's here.
      TF_CLI_CONFIG_FILE: await kitCliConfig(openKit()),
    };
    const { code, summary, executed } = await runJob("pull-request.yml", folder, environment, {
      "github.workspace": folder,
      "github.ref": "refs/pull/1/merge",
      "github.base_ref": "main",
    });
    expect({ code, executed }).toEqual({ code: 0, executed: 3 });
    expect(summary).toMatch(/^-\s+"memory": 512,$/m);
    expect(summary).toMatch(/^\+\s+"memory": 640,$/m);
    expect(summary).toContain("Stack `openrouter`: nothing.");
  });
});
