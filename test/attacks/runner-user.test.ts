import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { identityNames } from "../../lib/model/vault/identities";
import { readCredential } from "../../lib/store/credentials";
import { readShares } from "../../lib/vault/shares/shares-file";
import { DriftBed } from "../e2e/support/drift-bed";
import { program } from "../e2e/support/host";
import { attacker } from "./support/hostile-folder";

/**
 * The user of a self-hosted runner as examples/ci has it, `nobody` here: a user of its own without a credential, on a host that is
 * deployed by another. Its job is first the honest one, then one that means harm.
 */
const bed = new DriftBed();
const { host, home, key } = bed;
/** As systemd makes it by `StateDirectory=`. */
let folder: string;
let reportFile: string;

beforeAll(async () => {
  // The folders of the tests are private; on a host only the instance directory is.
  for (const path of [dirname(host.folder), host.folder, host.userHome, host.homes].filter(exists))
    chmodSync(path, 0o755);
  await bed.deploy();
  for (const path of [host.userHome, host.homes]) chmodSync(path, 0o755);
  folder = mkdtempSync(join(tmpdir(), "openclaw-drift-"));
  chmodSync(folder, 0o755);
  reportFile = join(folder, "default.json");
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await bed.remove();
});

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** What the host's timer runs, as who deployed. */
function publish() {
  return host.run(["drift", "--report", reportFile]);
}

interface Ended {
  readonly code: number;
  readonly said: string;
}

/** Runs a line of the runner's user, who knows all paths and addresses. */
function job(line: string, extra: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const env = {
    PATH: process.env.PATH,
    HOME: "/nonexistent",
    NODE: process.execPath,
    PROGRAM: program,
    REPORT: reportFile,
    INSTANCE: home.root,
    ENGINE: host.engine.replace("unix://", ""),
    DEPLOYERS_HOME: host.userHome,
    ...extra,
  };
  const options = { env, cwd: "/", uid: attacker, gid: attacker, timeout: 60_000 };
  return new Promise((resolve) => {
    execFile("/bin/bash", ["-c", line], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, said: `${stdout}\n${stderr}` });
    });
  });
}

const honest = '"$NODE" "$PROGRAM" drift --json --from-report "$REPORT"';

/** Every secret of the host, in the forms in which it could get out. */
function secrets(): string[] {
  const credentials = identityNames.flatMap((name) => {
    const { roleId = "", secretId = "" } = readCredential(home, name) ?? {};
    return name === "reader" ? [secretId] : [roleId, secretId];
  });
  const all = [key, ...(readShares(home.shares)?.shares ?? []), ...credentials];
  expect(all.filter((secret) => secret.length > 20)).toHaveLength(11);
  return all.flatMap((secret) => [secret, Buffer.from(secret).toString("base64").slice(0, -4)]);
}

/** All below the instance directory and OpenClaw's folder, by time of change and size. */
function everything(): string[] {
  return [home.root, join(host.userHome, ".openclaw"), folder].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => {
      const { ctimeMs, size } = statSync(join(root, name));
      return `${relative("/", join(root, name))} ${ctimeMs} ${size}`;
    }),
  );
}

describe("the honest job", () => {
  test("tells that a host has not drifted, by a report with nothing left out", async () => {
    expect(await publish()).toMatchObject({ code: 0 });
    const { code, said } = await job(`${honest} 2>/dev/null`);
    expect(JSON.parse(said)).toMatchObject({ instance: "default", outcome: "clean", skipped: [] });
    expect(code).toBe(0);
  });

  test("tells drift by the same exit code, with what was found", async () => {
    await bed.run("docker update --memory 256m $C");
    expect(await publish()).toMatchObject({ code: 2 });
    const { code, said } = await job(honest);
    expect(code).toBe(2);
    expect(said).toContain("container.memory");
  });

  test("fails if the timer has stopped, instead of staying at what was so once", async () => {
    const { code, said } = await job(`${honest} --max-age 0`);
    expect(code).toBe(1);
    expect(said).toContain("--max-age");
  });

  test("without a report fails as well", async () => {
    const { code } = await job('"$NODE" "$PROGRAM" drift --from-report /nonexistent/default.json');
    expect(code).toBe(1);
  });
});

interface Attempt {
  readonly line: string;
  /** By whom and how it is refused. */
  readonly refused: RegExp;
}

const denied = /permission denied/i;
/** The program's own words, and no stack of a defect. */
const byProgram = /cannot be read: it is another user's/;

/** Each means to read a secret or to change something, with all that this user has. */
const attempts: Record<string, Attempt> = {
  "reads the instance directory": {
    line: 'cat "$INSTANCE"/shares.json "$INSTANCE"/key.json "$INSTANCE"/rotation.json',
    refused: denied,
  },
  "reads every file of it": { line: 'find "$INSTANCE" -type f -exec cat {} +', refused: denied },
  "reads credentials": { line: 'cat "$INSTANCE"/credentials/*/*', refused: denied },
  "reads OpenClaw's credential": {
    line: 'find "$DEPLOYERS_HOME/.openclaw" -type f -name "*_id" -exec cat {} +',
    refused: denied,
  },
  "asks the engine": {
    line: 'docker -H "unix://$ENGINE" exec vault vault kv get secret/openrouter',
    refused: denied,
  },
  "asks Vault without a token": {
    line: 'curl -sk "https://127.0.0.1:8200/v1/secret/data/openrouter"',
    refused: denied,
  },
  "logs in to Vault by a role id alone": {
    line: `curl -sk -X POST -d '{"role_id":"openclaw-auditor"}' https://127.0.0.1:8200/v1/auth/approle/login`,
    refused: /errors/,
  },
  "runs drift on the instance": { line: '"$NODE" "$PROGRAM" drift --json', refused: byProgram },
  "has drift write the report": { line: '"$NODE" "$PROGRAM" drift --report "$REPORT"', refused: byProgram },
  "has drift fix": { line: '"$NODE" "$PROGRAM" drift --fix --yes', refused: byProgram },
  deploys: { line: '"$NODE" "$PROGRAM" up', refused: byProgram },
  "rotates the key": { line: '"$NODE" "$PROGRAM" key rotate --key-file /dev/null', refused: byProgram },
  "backs up": { line: '"$NODE" "$PROGRAM" backup create --out /tmp', refused: byProgram },
  "exports the shares": { line: '"$NODE" "$PROGRAM" shares export', refused: byProgram },
  "destroys it": { line: '"$NODE" "$PROGRAM" destroy --yes', refused: byProgram },
  "looks at all instances": { line: '"$NODE" "$PROGRAM" status --all', refused: /No instance is deployed/ },
  "has another file told as a report": {
    line: '"$NODE" "$PROGRAM" drift --from-report "$INSTANCE/shares.json"; "$NODE" "$PROGRAM" drift --from-report /etc/shadow',
    refused: /EACCES[\s\S]*EACCES/,
  },
  "forges the report": { line: 'echo "{}" > "$REPORT"', refused: denied },
  "removes the report": { line: 'rm -f "$REPORT"', refused: denied },
  "replaces the report": {
    line: 'mv "$REPORT" "$REPORT.old"; ln -sf /etc/passwd "$REPORT"',
    refused: denied,
  },
  "puts something beside it": {
    line: 'mkdir "$REPORT.d"; ln -s /etc/cron.d/x "$REPORT.1.draft"',
    refused: denied,
  },
  "becomes root": { line: "setpriv --reuid 0 id", refused: /not permitted/ },
};

describe("the hostile job", () => {
  const theirs = { OPENCLAW_OPENROUTER_HOME: host.homes, DOCKER_HOST: host.engine };
  let before: string[];

  beforeAll(async () => {
    await publish();
    before = everything();
  });

  test.each(Object.entries(attempts))("%s, and is refused", async (_, { line, refused }) => {
    const { said } = await job(line, theirs);
    expect(said).toMatch(refused);
    expect(said).not.toContain("defect");
    for (const secret of secrets()) expect(said.includes(secret)).toBe(false);
  });

  test("sees no secret in any process, and none of who deployed is its own to look into", async () => {
    const { said } = await job('cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr "\\0" "\\n"');
    expect(said).toContain("REPORT=");
    for (const secret of secrets()) expect(said.includes(secret)).toBe(false);
  });

  test("has changed nothing", () => {
    expect(everything()).toEqual(before);
    expect(readFileSync(reportFile, "utf8")).toContain('"outcome": "drift"');
  });
});

test("what is published holds no secret", async () => {
  const text = readFileSync(reportFile, "utf8");
  for (const secret of secrets()) expect(text.includes(secret)).toBe(false);
});
