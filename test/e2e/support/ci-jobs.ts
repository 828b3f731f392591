import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

export const root = resolve(__dirname, "../../..");

const workflowSchema = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  concurrency: z.object({ group: z.string() }),
  jobs: z.record(
    z.string(),
    z.object({
      env: z.record(z.string(), z.string()).default({}),
      needs: z.string().optional(),
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

export function readWorkflow(name: string) {
  const text = readFileSync(join(root, "examples/ci", name), "utf8");
  const workflow = workflowSchema.parse(parse(text));
  return { text, ...workflow };
}

/** What a run of a workflow's steps came to. */
export interface JobResult {
  /** The exit code of the first step that failed; 0 where none did. */
  readonly code: number;
  readonly summary: string;
  readonly executed: number;
  /** What the steps printed. */
  readonly log: string;
}

/**
 * Runs every `run:` step of a workflow as the runner does: bash with -e and pipefail, one after the other.
 * @param values what the expressions stand for
 */
export async function runJob(
  name: string,
  folder: string,
  environment: NodeJS.ProcessEnv,
  values: Record<string, string>,
  jobName = "drift",
): Promise<JobResult> {
  const job = readWorkflow(name).jobs[jobName]!;
  const summaryFile = join(folder, "summary.md");
  const outputFile = join(folder, "output");
  const log = join(folder, "job.log");
  writeFileSync(summaryFile, "");
  writeFileSync(log, "");
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
    const ended = await bash(`exec >> "${log}" 2>&1\n${step.run}`, folder, env);
    code ||= ended;
    for (const line of readFileSync(outputFile, "utf8").split("\n").filter(Boolean)) {
      const [key = "", ...value] = line.split("=");
      outputs[`steps.${step.id}.outputs.${key}`] = value.join("=");
    }
  }
  const [summary, said] = [summaryFile, log].map((path) => readFileSync(path, "utf8"));
  return { code, summary: summary ?? "", executed, log: said ?? "" };
}

export function bash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((done) => {
    const placed = script
      .replaceAll("/usr/local/bin/openclaw-openrouter", "openclaw-openrouter")
      .replaceAll("/var/lib/openclaw-drift", String(env.REPORT_FOLDER));
    execFile("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", placed], { cwd, env }, (error) => {
      done(error ? Number(error.code ?? 1) : 0);
    });
  });
}

/** GitHub's issues in a folder: the only part here that is not real, since no GitHub is reached. */
export const gh = `#!/bin/sh
echo "$@" >> "$GH_FOLDER/calls"
case "$1 $2" in
  "issue list") [ -e "$GH_FOLDER/open" ] && echo 7 || true ;;
  "issue create") echo made >> "$GH_FOLDER/made"; eval "cp \\"\\\${$#}\\" \\"$GH_FOLDER/open\\"" ;;
  "issue edit") eval "cp \\"\\\${$#}\\" \\"$GH_FOLDER/open\\"" ;;
  "issue close") rm "$GH_FOLDER/open" ;;
esac
`;

/** The host at the other end: the command runs with a login's environment, and nothing of the runner's. */
export const ssh = `#!/bin/bash
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

const gitlabJob = z.looseObject({
  extends: z.string().optional(),
  before_script: z.array(z.string()).optional(),
  script: z.array(z.string()).optional(),
});
export const gitlabSchema = z.record(z.string(), gitlabJob);

/** Runs a job of GitLab's as its runner does: the scripts' lines in one shell that ends at the first failure. */
export async function runGitlabJob(
  file: string,
  name: string,
  folder: string,
  environment: NodeJS.ProcessEnv,
) {
  const jobs = gitlabSchema.parse(parse(readFileSync(join(root, "examples/ci", file), "utf8")));
  const job = jobs[name]!;
  const lines = [...(jobs[job.extends ?? ""]?.before_script ?? []), ...(job.script ?? [])];
  const log = join(folder, "..", `${name}.log`);
  // What a job makes by `mktemp` goes with the runner's machine; here with the test's folder.
  const own = { ...environment, TMPDIR: dirname(folder) };
  const code = await bash(`exec > "${log}" 2>&1\n${lines.join("\n")}`, folder, own);
  return { code, log: readFileSync(log, "utf8") };
}
