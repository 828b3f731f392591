import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silent } from "../../lib/core/progress";
import { type SharedProviders, withSharedProviders } from "../../lib/terraform/fast/shared-providers";
import { lockHolderIn } from "../../lib/terraform/state-lock";
import { Terraform } from "../../lib/terraform/terraform";
import { scratchFolder } from "../support/folder";
import { processorTime } from "../support/regexps";

let folder: string;

beforeEach(() => {
  folder = scratchFolder();
});

/** Terraform with a shell script instead of the program; the script's arguments are noted in the file `args`. */
function terraform(
  script: string,
  environment: Record<string, string> = {},
  sharedProviders?: SharedProviders,
  dependsOnFolder = false,
): Terraform {
  const program = join(folder, "terraform");
  writeFileSync(program, `#!/bin/sh\necho "$@" >> ${folder}/args\n${script}\n`);
  chmodSync(program, 0o755);
  return new Terraform({
    stack: "openrouter",
    program: { kind: "terraform", path: program, version: "1.11.4", dependsOnFolder },
    folder,
    planFile: join(folder, "plan"),
    env: { PATH: process.env.PATH ?? "", ...environment },
    ...(sharedProviders ? { sharedProviders } : {}),
  });
}

test("a version manager that follows -chdir, as tenv and tfenv do, is told the version that was found", async () => {
  const script = `echo "$TFENV_TERRAFORM_VERSION" >> ${folder}/chosen; umask 077; echo > ${folder}/plan`;
  const managed = terraform(script, {}, undefined, true);
  await managed.init(silent);
  await managed.plan(silent);
  expect(args()).toMatch(/^-chdir=.* init .*^-chdir=.* plan /ms);
  expect(readFileSync(join(folder, "chosen"), "utf8")).toBe("1.11.4\n1.11.4\n");
});

test("that the operating system does not start, as in a cache that is mounted noexec, has a fix", async () => {
  const refused = terraform("");
  chmodSync(join(folder, "terraform"), 0o644);
  await expect(refused.init(silent)).rejects.toMatchObject({
    props: { fix: expect.stringMatching(/noexec.*OPENCLAW_OPENROUTER_CACHE/) },
  });
});

const args = () => readFileSync(join(folder, "args"), "utf8");

describe("a plan", () => {
  const saves = "umask 000; echo > plan";

  test.each([
    [0, false],
    [2, true],
  ])("that exits with %d: there is something to apply: %s", async (code, changes) => {
    expect(await terraform(`${saves}; exit ${code}`).plan(silent)).toBe(changes);
  });

  test("is its owner's alone, since it may hold values", async () => {
    await terraform(`${saves}; exit 2`).plan(silent);
    expect((statSync(join(folder, "plan")).mode & 0o777).toString(8)).toBe("600");
  });

  test("is limited to targets, and one of destruction, where that is asked for", async () => {
    await terraform(`${saves}; exit 2`).plan(silent, { destroy: true, targets: ["a.b", "c.d"] });
    expect(args()).toMatch(/-destroy -target=a\.b -target=c\.d$/m);
  });

  test("that fails says what Terraform and our own step said", async () => {
    const lines = [
      {
        type: "provision_progress",
        hook: { resource: { addr: "terraform_data.x" }, output: "Vault is sealed." },
      },
      { type: "diagnostic", diagnostic: { severity: "warning", summary: "Deprecated" } },
      {
        type: "diagnostic",
        diagnostic: { severity: "error", summary: "Failed", detail: "why\n", address: "a.b" },
      },
    ];
    const script = `${lines.map((line) => `printf '%s\\n' '${JSON.stringify(line)}'`).join("\n")}\nexit 1`;
    await expect(terraform(script).plan(silent)).rejects.toMatchObject({
      props: {
        problem: "Terraform could not plan the stack openrouter.",
        got: "Vault is sealed.\na.b: Failed\nwhy",
      },
    });
  });

  test("that fails by what the Docker Engine refuses says how to fix that", async () => {
    const detail =
      "Unable to start container: Error response from daemon: driver failed programming external connectivity on endpoint vault:  (iptables failed: iptables --wait -t nat -A DOCKER: iptables: No chain/target/match by that name.\n (exit status 1))";
    const line = { type: "diagnostic", diagnostic: { severity: "error", summary: "Failed", detail } };
    writeFileSync(join(folder, "line"), `${JSON.stringify(line)}\n`);
    await expect(terraform(`cat ${join(folder, "line")}; exit 1`).plan(silent)).rejects.toMatchObject({
      props: { fix: expect.stringContaining("systemctl restart docker") },
    });
  });

  test.each([
    ["fork/exec /mnt/providers/docker: permission denied", /noexec.*OPENCLAW_OPENROUTER_HOME/],
    ["write errored.tfstate: no space left on device", /df -h.*run this again/s],
  ])("that the operating system refuses has a fix: %s", async (summary, fix) => {
    const line = JSON.stringify({
      type: "diagnostic",
      diagnostic: { severity: "error", summary, detail: "" },
    });
    await expect(terraform(`printf '%s\\n' '${line}'\nexit 1`).plan(silent)).rejects.toMatchObject({
      props: { fix: expect.stringMatching(fix) },
    });
  });

  test("that is killed says so, after what our own step said", async () => {
    const said = (output: string) =>
      JSON.stringify({
        type: "provision_progress",
        hook: { resource: { addr: "terraform_data.x" }, output },
      });
    const lines = [said("local-exec: Executing: Suppressed by quiet=true"), said("waiting for Vault")];
    const script = `${lines.map((line) => `echo '${line}'`).join("\n")}\nkill -KILL $$`;
    await expect(terraform(script).plan(silent)).rejects.toMatchObject({
      props: { got: expect.stringMatching(/^waiting for Vault\n.*SIGKILL/) },
    });
  });

  test("that fails before it writes events says what is on standard error", async () => {
    await expect(terraform("echo 'no such option' >&2; exit 1").plan(silent)).rejects.toThrow(
      "no such option",
    );
  });

  test("is forgotten after it was applied", async () => {
    const program = terraform(`${saves}; exit 2`);
    await program.plan(silent);
    program.forgetPlan();
    expect(existsSync(join(folder, "plan"))).toBe(false);
    expect(() => program.forgetPlan()).not.toThrow();
  });
});

test("the progress names the resources that are being worked on", async () => {
  const lines: string[] = [];
  const event = {
    type: "apply_start",
    hook: { resource: { addr: "docker_container.vault" }, action: "create" },
  };
  await terraform(`echo '${JSON.stringify(event)}'; echo 'not an event'`).apply((line) => lines.push(line));
  expect(lines).toEqual(["openrouter: create docker_container.vault"]);
});

test("what is applied is the saved plan, without a question", async () => {
  await terraform("").apply(silent);
  expect(args()).toBe(`apply -json -input=false -lock-timeout=10s ${join(folder, "plan")}\n`);
});

test("shared providers plan, show and refresh; what is applied Terraform's own providers apply", async () => {
  await withSharedProviders(async (providers) => {
    const program = terraform(
      `echo "$1 $2 \${TF_REATTACH_PROVIDERS-its own}" >> ${folder}/with; echo '{}'; : > plan`,
      {},
      providers,
    );
    await program.plan(silent);
    await program.show();
    await program.apply(silent);
    await program.refresh(silent);
  });
  // Of a folder that locks none, none are lent.
  expect(readFileSync(join(folder, "with"), "utf8").trim().split("\n")).toEqual([
    "plan -json {}",
    "show -json {}",
    "apply -json its own",
    "apply -refresh-only {}",
  ]);
});

test("the saved plan is read back", async () => {
  const shown = {
    resource_changes: [{ address: "a.b", type: "a", change: { actions: ["create"], after: { x: 1 } } }],
  };
  expect(await terraform(`echo '${JSON.stringify(shown)}'`).show()).toEqual({
    resource_changes: [{ address: "a.b", type: "a", change: { actions: ["create"] } }],
  });
});

test("the state's addresses, and none where there is no state", async () => {
  const resources = ["b", "c"].map((name) => ({ mode: "managed", type: "a", name, instances: [] }));
  const state = JSON.stringify({ version: 4, lineage: "l", serial: 1, resources });
  expect(await terraform(`echo '${state}'`).stateAddresses()).toEqual(["a.b", "a.c"]);
  expect(await terraform("").stateAddresses()).toEqual([]);
});

test("a backend that cannot be read is an error: without addresses nothing would be removed", async () => {
  await expect(terraform("echo 'no route to host' >&2; exit 1").stateAddresses()).rejects.toThrow(
    /could not read the state of[\s\S]*no route to host[\s\S]*terraform\.backend/,
  );
});

test("a backend that never answers is given up, though Terraform ignores an interruption meanwhile", async () => {
  const program = terraform("trap '' INT TERM; exec sleep 60");
  await expect(program.readState(400)).rejects.toThrow(/could not read the state of[\s\S]*timed out/);
});

test("providers that cannot be had are reported, with the way to build them", async () => {
  await expect(terraform("echo 'no available releases' >&2; exit 1").init(silent)).rejects.toThrow(
    /could not prepare the stack openrouter[\s\S]*no available releases[\s\S]*--bundle/,
  );
});

test("a backend that does not answer is reported, without the password that its client repeats", async () => {
  const program = `echo 'Initializing the backend...'; echo "Error: parse $PG_CONN_STR: invalid port" >&2; exit 1`;
  const env = { PG_CONN_STR: "postgres://terraform:hunter2@db:x/state" };
  const failure = await terraform(program, env)
    .init(silent)
    .catch((error) => error.message);
  expect(failure).toMatch(/could not open the backend[\s\S]*invalid port[\s\S]*terraform\.backend/);
  expect(failure).not.toContain("hunter2");
});

test("a backend that never answers, or without an end, is not taken for the source of the providers", async () => {
  const program = "echo 'Initializing the backend...'; exec sleep 60";
  await expect(terraform(program).init(silent, 400)).rejects.toMatchObject({
    props: { got: "no answer within 0.4 s, or one without an end" },
  });
});

test("a state that another run has locked is reported", async () => {
  const detail =
    "Error message: resource temporarily unavailable\\nLock Info:\\n  ID:        42\\n  Who:       ann@other\\n  Created:   2026-11-25 14:18:17.603890464 +0000 UTC\\n";
  const event = `{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Error acquiring the state lock","detail":"${detail}"}}`;
  await expect(terraform(`cat <<'EOF'\n${event}\nEOF\nexit 1`).plan(silent)).rejects.toThrow(
    /its backend keeps it locked[\s\S]*lock 42 of ann@other, since 2026-11-25 14:18:17 UTC/,
  );
});

test("what the server says of a lock is read in linear time", () => {
  for (const hostile of ["\n", " ", "Who: ", "│ ", "\n "]) {
    const text = `Lock Info:\n${hostile.repeat(200_000 / hostile.length)}\n│   ID:   7\n`;
    const taken = processorTime(() => expect(lockHolderIn(text)).toContain("lock 7 of"));
    expect([hostile, taken < 2000]).toEqual([hostile, true]);
  }
});

test("of a lock that an HTTP server holds its own id is reported, not that of this run's request", () => {
  for (const frame of [" ", "\n│ "]) {
    const said = `Error message: HTTP remote state already locked:${frame}ID=42-a`;
    expect(lockHolderIn(`${said}\nLock Info:\n  ID:        43\n  Who:       us@here\n`)).toBe("lock 42-a");
  }
});

test.each(["ID=", ", failed to unmarshal body"])(
  "a lock without an id is not said to be this run's: %s",
  (said) => {
    const text = `Error message: HTTP remote state already locked: ${said}\nLock Info:\n  ID:        43\n  Who:       us@here\n`;
    expect(lockHolderIn(text)).toBe("a lock of which the server does not tell the id");
  },
);

test.each(["Error acquiring the state lock", "Error releasing the state lock", "Failed to save state"])(
  "a backend by which Terraform ends with %j has a fix",
  async (summary) => {
    const event = { type: "diagnostic", diagnostic: { severity: "error", summary, detail: "status 500" } };
    await expect(terraform(`echo '${JSON.stringify(event)}'; exit 1`).apply(silent)).rejects.toMatchObject({
      props: { fix: expect.stringContaining("terraform.backend") },
    });
  },
);

test("a lock of PostgreSQL's is not said to be of the run that met it", async () => {
  for (const said of [
    "Workspace is already locked: default",
    "Already locked for workspace creation: default",
  ]) {
    const detail = `Error message: ${said}\\nLock Info:\\n  ID:        43\\n  Who:       us@here\\n`;
    const event = `{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Error acquiring the state lock","detail":"${detail}"}}`;
    const planned = terraform(`cat <<'EOF'\n${event}\nEOF\nexit 1`).plan(silent);
    await expect(planned).rejects.toThrow("got:      a lock of another connection to the database");
  }
});

test("a plan that another run has overtaken is reported, with what to do", async () => {
  const event = `{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Saved plan is stale","detail":"no longer"}}`;
  await expect(terraform(`echo '${event}'; exit 1`).apply(silent)).rejects.toThrow(
    /changed the state of the stack openrouter meanwhile[\s\S]*run this again/,
  );
});

test("whatever takes the state's lock asks again for a while", async () => {
  const program = terraform("touch plan");
  await program.plan(silent);
  await program.apply(silent);
  await program.refresh(silent);
  await program.pushState("{}");
  await program.forget(["one"]);
  const commands = args().trim().split("\n");
  expect(commands).toHaveLength(5);
  for (const command of commands) expect(command).toContain(" -lock-timeout=10s");
});

test("providers that stop coming are reported, in time, by a program that would wait for ever", async () => {
  const lines: string[] = [];
  const hanging = terraform('printf "12345678%.0s" $(seq 200000) >"$TMPDIR/provider"; exec sleep 60');
  await expect(hanging.init((line) => lines.push(line), 800)).rejects.toThrow(
    /could not prepare the stack openrouter[\s\S]*sent nothing for 0\.8 s[\s\S]*--bundle/,
  );
  // Between them on a slow host: nothing has come yet.
  expect([lines[0], lines.at(-1)]).toEqual([
    "openrouter: getting the providers",
    "openrouter: getting the providers, 2 MB",
  ]);
});

test("a program that is not there is reported", async () => {
  const missing = new Terraform({
    stack: "vault",
    program: { kind: "terraform", path: join(folder, "none"), version: "1.11.4" },
    folder,
    planFile: join(folder, "plan"),
    env: {},
  });
  await expect(missing.plan(silent)).rejects.toThrow(/could not plan the stack vault[\s\S]*ENOENT/);
});

describe("the state", () => {
  test("in a file is read there, and a truncated one is refused", async () => {
    const stateFile = join(folder, "state");
    const local = new Terraform({
      stack: "vault",
      program: { kind: "terraform", path: "/nowhere/terraform", version: "1.11.4" },
      folder,
      planFile: join(folder, "plan"),
      env: {},
      stateFile,
    });
    expect(await local.readState()).toBeUndefined();
    writeFileSync(stateFile, '{ "serial": 3 }');
    expect(await local.readState()).toEqual({ serial: 3 });
    writeFileSync(stateFile, '{ "serial": ');
    expect(await local.readState()).toBeUndefined();
  });

  test("is missing if the backend has none, and unknown if the backend does not answer", async () => {
    expect(await terraform('echo \'{ "serial": 0, "lineage": "" }\'').readState()).toBeUndefined();
    expect(await terraform("").readState()).toBeUndefined();
    expect(await terraform('echo \'{ "serial": 4, "lineage": "a" }\'').readState()).toMatchObject({
      serial: 4,
    });
    await expect(terraform("echo 'connection refused' >&2; exit 1").readState()).rejects.toThrow(
      /could not read the state[\s\S]*connection refused[\s\S]*terraform\.backend/,
    );
  });

  test("is written by standard input, so that it is in no argument list", async () => {
    await terraform(`cat > ${folder}/pushed`).pushState('{ "serial": 5 }');
    expect(readFileSync(join(folder, "pushed"), "utf8")).toBe('{ "serial": 5 }');
    expect(args()).toMatch(/^state push -no-color -lock-timeout=10s -$/m);
  });
});
