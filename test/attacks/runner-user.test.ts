import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { identityNames } from "../../lib/model/identities";
import { readCredential } from "../../lib/vault/credentials";
import { readShares } from "../../lib/vault/shares-file";
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
    expect(JSON.parse(said)).toMatchObject({ instance: "default", outcome: "clean", notLookedAt: [] });
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

/** Each means to read a secret or to change something, with all that this user has. */
const hostile: Record<string, string> = {
  "reads the instance directory":
    'cat "$INSTANCE"/shares.json "$INSTANCE"/key.json "$INSTANCE"/rotation.json',
  "reads credentials": 'cat "$INSTANCE"/credentials/*/*; find "$INSTANCE" -type f -exec cat {} +',
  "reads OpenClaw's credential": 'find "$DEPLOYERS_HOME/.openclaw" -type f -name "*_id" -exec cat {} +',
  "asks the engine":
    'curl -s --unix-socket "$ENGINE" http://docker/containers/json; docker -H "unix://$ENGINE" exec vault vault kv get secret/openrouter',
  "asks Vault without a token":
    'curl -sk "https://127.0.0.1:8200/v1/secret/data/openrouter"; curl -sk -X POST -d "{}" https://127.0.0.1:8200/v1/auth/approle/login',
  "gets at the reader's role id, and logs in by it alone":
    'curl -sk -X POST -d "{\\"role_id\\":\\"$(cat "$INSTANCE"/credentials/auditor/role_id)\\"}" https://127.0.0.1:8200/v1/auth/approle/login',
  "runs drift on the instance": '"$NODE" "$PROGRAM" drift --json',
  "has drift write the report":
    '"$NODE" "$PROGRAM" drift --report "$REPORT"; "$NODE" "$PROGRAM" drift --fix --yes',
  "deploys, rotates, backs up, exports":
    'for verb in "up" "rotate" "backup --out /tmp" "shares --export -" "login" "recover" "destroy --yes"; do "$NODE" "$PROGRAM" $verb </dev/null; done',
  "has the report tell of another file":
    '"$NODE" "$PROGRAM" drift --from-report "$INSTANCE/shares.json"; "$NODE" "$PROGRAM" drift --from-report /etc/shadow',
  "forges the report":
    'echo "{}" > "$REPORT"; rm -f "$REPORT"; mv "$REPORT" "$REPORT.old"; ln -sf /etc/passwd "$REPORT"',
  "puts a draft beside it":
    'mkdir "$(dirname "$REPORT")/x"; for i in 1 2 3; do ln -s /etc/cron.d/x "$REPORT.$i.draft"; done',
  "reads processes and their environment": 'cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr "\\0" "\\n"',
  "becomes somebody else": "sudo -n true; su root -c id </dev/null; setpriv --reuid 0 id",
};

test("the hostile one gets no secret and changes nothing", async () => {
  await publish();
  const before = everything();
  const theirs = { OPENCLAW_OPENROUTER_HOME: host.homes, DOCKER_HOST: host.engine };
  const said: string[] = [];
  for (const line of Object.values(hostile)) said.push((await job(line, theirs)).said);
  // It was tried: each was refused by somebody.
  expect(said.join("\n")).toMatch(/Permission denied[\s\S]*EACCES|EACCES[\s\S]*Permission denied/);
  const all = said.join("\n");
  for (const secret of secrets()) expect(all.includes(secret)).toBe(false);
  expect(all).not.toMatch(/client_token"\s*:\s*"hv/);
  expect(everything()).toEqual(before);
  expect(readFileSync(reportFile, "utf8")).toContain('"outcome": "drift"');
}, 300_000);

test("what is published holds no secret", async () => {
  const text = readFileSync(reportFile, "utf8");
  for (const secret of secrets()) expect(text.includes(secret)).toBe(false);
});
