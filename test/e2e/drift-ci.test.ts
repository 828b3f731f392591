import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { openBundle } from "../../lib/bundle/bundle";
import { bundleCliConfig } from "../../lib/bundle/bundle-mirror";
import { scratchFolder } from "../support/folder";
import {
  bash,
  gh,
  gitlabSchema,
  type JobResult,
  readWorkflow,
  root,
  runGitlabJob,
  runJob,
  ssh,
} from "./support/ci-jobs";
import { DriftBed } from "./support/drift-bed";
import { testInFull } from "./support/full";
import { program } from "./support/host";

/** What the expressions of the workflows stand for. */
const values = {
  "github.token": "token",
  "github.repository": "you/openclaw",
  "secrets.OPENCLAW_SSH_KEY": "a private key",
  "vars.OPENCLAW_KNOWN_HOSTS": "host ssh-ed25519 AAAA",
  "vars.OPENCLAW_HOST": "openclaw@host",
};

test.each(["drift-self-hosted.yml", "drift-ssh.yml", "pull-request.yml"])(
  "%s: least permissions, one at a time, actions by commit",
  (name) => {
    const { jobs, permissions, concurrency, on } = readWorkflow(name);
    for (const { uses } of Object.values(jobs).flatMap(({ steps }) => steps))
      if (uses) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    expect(concurrency.group).not.toBe("");
    const isPullRequest = name === "pull-request.yml";
    expect(permissions).toEqual(isPullRequest ? { contents: "read" } : { contents: "read", issues: "write" });
    expect(Object.keys(on)).toEqual(isPullRequest ? ["pull_request"] : ["schedule"]);
  },
);

testInFull("a pull request's workflow names no secret and reaches no host", () => {
  const { text } = readWorkflow("pull-request.yml");
  const code = text.replace(/^\s*#.*$/gm, "");
  expect(code).not.toMatch(/secrets\.|ssh|self-hosted|pull_request_target|OPENROUTER_API_KEY/);
});

test.each(["gitlab-drift.yml", "gitlab-merge-request.yml"])("%s: every script is a shell's", async (name) => {
  const text = readFileSync(join(root, "examples/ci", name), "utf8");
  const scripts = Object.values(gitlabSchema.parse(parse(text))).flatMap(({ script }) => script ?? []);
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts)
    expect(await bash(`bash -n <<'END'\n${script}\nEND`, root, process.env)).toBe(0);
  if (name === "gitlab-merge-request.yml")
    expect(text.replace(/^\s*#.*$/gm, "")).not.toMatch(/SSH|OPENROUTER_API_KEY/);
  else expect(text).toMatch(/PIPELINE_SOURCE == "schedule" && \$CI_COMMIT_REF_PROTECTED/);
});

test("a hostile host's words are no command in the job's log, and neither link nor formula in its summary", async () => {
  const folder = scratchFolder();
  const report = JSON.stringify({ outcome: "WWW.evil.example $\\\\href$" });
  const hostile = `printf '::error::x\\n a ##[group]y \\033[2J\\n' >&2; printf '%s' '${report}'; exit 2`;
  for (const [name, text] of Object.entries({ gh, ssh: `#!/bin/sh\n${hostile}\n` }))
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  const environment = { PATH: `${folder}:${process.env.PATH}`, HOME: folder, GH_FOLDER: folder };
  const { code, log, summary } = await runJob("drift-ssh.yml", folder, environment, values);
  expect(code).toBe(2);
  expect(log).toContain("host: ::error::x\nhost:  a ??[group]y ?[2J\n");
  expect(summary).toContain("<code>WWW&#46;evil.example &#36;&#92;&#92;href&#36;</code>");
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

  const reports = join(bed.host.folder, "reports");

  /** What the host's own timer runs, as its service has it. @returns its exit code */
  async function runTimer(): Promise<number> {
    const unit = readFileSync(join(root, "examples/ci/openclaw-drift.service"), "utf8");
    const [, command = ""] = /^ExecStart=(.+)$/m.exec(unit) ?? [];
    const placed = command.replaceAll("%S/", "/var/lib/");
    mkdirSync(reports, { recursive: true });
    const environment = { PATH: `${tools}:${process.env.PATH}`, REPORT_FOLDER: reports };
    return bash(placed, bed.host.folder, bed.host.environment(environment));
  }

  async function run(name: string): Promise<JobResult> {
    const folder = join(bed.host.folder, `job-${name}`);
    mkdirSync(folder, { recursive: true });
    const isOnHost = name === "drift-self-hosted.yml";
    if (isOnHost) expect([0, 2]).toContain(await runTimer());
    const environment = bed.host.environment({
      PATH: `${tools}:${process.env.PATH}`,
      GH_FOLDER: ghFolder,
      SSH_DOWN: down,
      REMOTE_HOME: bed.host.userHome,
      REPORT_FOLDER: reports,
      // No runner's home is that of who deployed, and one on the host does not get at the engine.
      HOME: folder,
      ...(isOnHost ? { DOCKER_HOST: "unix:///nonexistent/docker.sock" } : {}),
    });
    return runJob(name, folder, environment, values);
  }

  describe.each([
    ["drift-self-hosted.yml", 4],
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

    test("once it is fixed the issue is closed", async () => {
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

  testInFull("GitLab's scheduled job gets the report by ssh, and ends as drift does", async () => {
    rmSync(down, { force: true });
    const folder = join(bed.host.folder, "gitlab");
    mkdirSync(folder);
    for (const name of ["key", "hosts"]) writeFileSync(join(bed.host.folder, name), name);
    const environment = bed.host.environment({
      PATH: `${tools}:${process.env.PATH}`,
      REMOTE_HOME: bed.host.userHome,
      SSH_DOWN: down,
      OPENCLAW_SSH_KEY: join(bed.host.folder, "key"),
      OPENCLAW_KNOWN_HOSTS: join(bed.host.folder, "hosts"),
      OPENCLAW_HOST: "openclaw@host",
    });
    const run = () => runGitlabJob("gitlab-drift.yml", "drift", folder, environment);
    expect(await run()).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(join(folder, "drift.json"), "utf8")).outcome).toBe("clean");
    await bed.run("docker update --memory 256m $C");
    expect(await run()).toMatchObject({ code: 2 });
    await bed.host.mustRun(["drift", "--fix", "--yes"]);
    writeFileSync(down, "");
    expect(await run()).toMatchObject({ code: 1, log: expect.stringContaining("was not reached") });
  });

  describe("a pull request", () => {
    const work = join(bed.host.folder, "pull-request");
    const repository = join(work, "repository");
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@b", ...args], {
        encoding: "utf8",
      }).trim();

    /** Commits files of a branch. @returns the commit */
    function commit(files: Record<string, string>): string {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(repository, path)), { recursive: true });
        writeFileSync(join(repository, path), text);
      }
      git("add", "-A");
      git("commit", "-qm", "a change");
      return git("rev-parse", "HEAD");
    }

    /** Both jobs, each on a machine of its own; between them goes the artifact alone. */
    async function runBoth(head: string) {
      const values = {
        "github.event.pull_request.base.sha": base,
        "github.event.pull_request.head.sha": head,
        "github.event.pull_request.number": "1",
      };
      // The registry's part is the bundle's here.
      const environment = {
        PATH: process.env.PATH,
        HOME: work,
        TF_CLI_CONFIG_FILE: await bundleCliConfig(openBundle()),
      };
      const job = async (name: "head" | "compare", checkout: string) => {
        const folder = join(work, name);
        for (const old of [folder, "/tmp/homes"]) rmSync(old, { recursive: true, force: true });
        mkdirSync(folder, { recursive: true });
        execFileSync("git", ["clone", "-q", repository, join(folder, "side")]);
        execFileSync("git", ["-C", join(folder, "side"), "checkout", "-q", "--detach", checkout]);
        if (name === "compare") {
          for (const stack of ["vault", "openrouter"]) {
            const made = join(work, "head/declared/stacks", stack, "cdk.tf.json");
            mkdirSync(join(folder, "head", stack), { recursive: true });
            if (existsSync(made)) cpSync(made, join(folder, "head", stack, "cdk.tf.json"));
          }
        }
        const result = await runJob("pull-request.yml", folder, environment, values, name);
        rmSync("/tmp/homes", { recursive: true, force: true });
        return result;
      };
      return { head: await job("head", head), compare: await job("compare", base) };
    }

    /**
     * GitLab's: the checkout of either job is the merge request's own, and everybody can write to it, as its runner leaves it;
     * between them goes the artifact alone.
     */
    async function runGitlab(head: string) {
      const environment = {
        PATH: process.env.PATH,
        HOME: work,
        OPENCLAW_OPENROUTER_HOME: "/tmp/homes",
        OPENCLAW_OPENROUTER_INSTANCE: "default",
        CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
        CI_COMMIT_SHA: head,
      };
      const job = async (name: "head" | "compare") => {
        const folder = join(work, "gitlab", name);
        for (const old of [folder, "/tmp/homes"]) rmSync(old, { recursive: true, force: true });
        execFileSync("git", ["clone", "-q", repository, folder]);
        execFileSync("git", ["-C", folder, "checkout", "-q", "--detach", head]);
        execFileSync("chmod", ["-R", "a+rwX", folder]);
        if (name === "compare") {
          for (const stack of ["vault", "openrouter"]) {
            const made = join(work, "gitlab/head/head", `${stack}.json`);
            if (!existsSync(made)) continue;
            mkdirSync(join(folder, "head"), { recursive: true });
            cpSync(made, join(folder, "head", `${stack}.json`));
          }
        }
        const result = await runGitlabJob("gitlab-merge-request.yml", name, folder, environment);
        rmSync("/tmp/homes", { recursive: true, force: true });
        return result;
      };
      return { head: await job("head"), compare: await job("compare") };
    }

    let base: string;
    beforeAll(() => {
      mkdirSync(repository, { recursive: true });
      git("init", "-q", "-b", "main");
      // Its program is this one.
      symlinkSync(join(root, "scripts"), join(repository, "scripts"));
      base = commit({ "openrouter.settings.json": "{}", "package.json": "{}" });
    });

    test("both sides are synthesized, validated, and compared", async () => {
      git("checkout", "-q", "-B", "feature", base);
      const head = commit({ "openrouter.settings.json": '{ "vault": { "memoryMegabytes": 640 } }' });
      const result = await runBoth(head);
      expect(result.head).toMatchObject({ code: 0, executed: 2 });
      expect(result.compare).toMatchObject({ code: 0, executed: 2 });
      const { summary } = result.compare;
      expect(summary).toMatch(/^-\s+"memory": 512,$/m);
      expect(summary).toMatch(/^\+\s+"memory": 640,$/m);
      expect(summary).toContain("Stack `openrouter`: nothing.");
      expect(summary).not.toContain("more than settings");
    });

    test("one that lies: its code writes another report, and its names and settings mean to be markup", async () => {
      git("checkout", "-q", "-B", "x;$(touch${IFS}owned)`touch${IFS}owned`", base);
      rmSync(join(repository, "scripts"));
      const lie = `
        import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
        appendFileSync(process.env.GITHUB_STEP_SUMMARY, "### What this changes of the declaration\\nnothing.");
        for (const path of ["../compare", "../declared-base"]) mkdirSync(path, { recursive: true });
        for (const stack of ["vault", "openrouter"]) {
          mkdirSync("../declared/stacks/" + stack, { recursive: true });
          const text = "</pre>\\n\`\`\`\\n<img src=x> @everybody \\u001b[2J\\u202e";
          writeFileSync("../declared/stacks/" + stack + "/cdk.tf.json", stack === "vault" ? text : "{}");
        }`;
      const head = commit({
        "scripts/openclaw-openrouter.mjs": lie,
        "package.json": '{ "scripts": { "preinstall": "touch owned", "prepare": "touch owned" } }',
        ".npmrc": "ignore-scripts=false",
        "openrouter.settings.json": '{ "vault": { "image": "$(touch owned)" } }',
        "a`b <b>@team</b>.ts": "",
      });
      const { compare } = await runBoth(head);
      expect(compare.code).toBe(0);
      expect(compare.summary).toContain("It changes more than settings.");
      for (const name of ["package.json", "scripts", ".npmrc", "&lt;b&gt;@team"])
        expect(compare.summary).toContain(name);
      expect(compare.summary).not.toMatch(/Stack `vault`: nothing/);
      expect(compare.summary.match(/<\/pre>/g)).toHaveLength(3);
      expect(compare.summary).not.toMatch(/<img|<b>|[^\n\x20-\x7e]/);
      expect(execFileSync("find", [work, "-name", "owned"], { encoding: "utf8" })).toBe("");
    });

    testInFull("GitLab: both sides are synthesized and compared", async () => {
      git("checkout", "-q", "-B", "gitlab", base);
      const head = commit({ "openrouter.settings.json": '{ "vault": { "memoryMegabytes": 640 } }' });
      const result = await runGitlab(head);
      expect(result).toMatchObject({ head: { code: 0 }, compare: { code: 0 } });
      expect(result.compare.log).toMatch(/^-\s+"memory": 512,$/m);
      expect(result.compare.log).toMatch(/^\+\s+"memory": 640,$/m);
      expect(result.compare.log).toContain("openrouter: nothing.");
      expect(result.compare.log).not.toContain("more than settings");
    });

    testInFull("GitLab: one that lies, and puts links where the report is made", async () => {
      git("checkout", "-q", "-B", "gitlab-hostile", base);
      rmSync(join(repository, "scripts"));
      for (const stack of ["vault", "openrouter"]) {
        const link = join(repository, "declared/stacks", stack, "cdk.tf.json");
        mkdirSync(dirname(link), { recursive: true });
        symlinkSync(`../../../head/${stack}.json`, link);
      }
      const lie = `
        import { mkdirSync, rmSync, writeFileSync } from "node:fs";
        rmSync("declared", { recursive: true, force: true });
        for (const stack of ["vault", "openrouter"]) {
          mkdirSync("declared/stacks/" + stack, { recursive: true });
          writeFileSync("declared/stacks/" + stack + "/cdk.tf.json", "\\u001b[2J\\u202e forged");
        }`;
      const head = commit({
        "scripts/openclaw-openrouter.mjs": lie.replaceAll("\\\\", "\\"),
        "openrouter.settings.json": '{ "vault": { "memoryMegabytes": 640 } }',
        "\u001b[2J\u202e.ts": "",
        ".gitattributes": "* filter=theirs diff=theirs",
      });
      const { compare } = await runGitlab(head);
      expect(compare.code).toBe(0);
      expect(compare.log).not.toMatch(/: nothing\./);
      expect(compare.log).toContain("It changes more than settings.");
      for (const name of ["scripts", ".gitattributes", "declared/stacks/vault/cdk.tf.json"])
        expect(compare.log).toContain(name);
      expect(compare.log).not.toMatch(/[^\n\t\x20-\x7e]/);
    });
  });
});
