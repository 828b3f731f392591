import { readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import type { DriftReport } from "../../lib/report/drift-report";
import { providerPrefix } from "../../lib/terraform/installed-providers";
import { VaultFailure } from "../../lib/vault/client";
import { DriftBed } from "./support/drift-bed";
import { describeInFull, isFull, testInFull, triedOf } from "./support/full";
import { lockedBy, until } from "./support/host";
import { NotedTerraform } from "./support/noted-terraform";
import { isRunning, tree } from "./support/processes";

const json = z.any();

/** What `drift` leaves alone, whom it is, and whom it makes way for. */
describe("drift on a deployed host", () => {
  const bed = new DriftBed();
  const { host, home, vault } = bed;

  beforeAll(() => bed.deploy());
  afterAll(() => bed.remove());

  async function expectClean(): Promise<void> {
    const { code, report } = await bed.drift();
    expect({ code, findings: report.findings.map(({ id }) => id), skipped: report.skipped }).toEqual({
      code: 0,
      findings: [],
      skipped: [],
    });
  }

  describe("no false alarm", () => {
    /** Things that happen to a host that is as it should be. */
    const events: [string, () => Promise<unknown>][] = [
      ["after the deploy", async () => {}],
      ["after a second deploy", () => bed.up()],
      [
        "after a restart of the container and an unseal",
        async () => {
          host.docker("restart", "vault");
          await host.mustRun(["vault", "unseal"]);
        },
      ],
      [
        "after a changed key",
        async () => {
          const [key, other] = [bed.key, bed.otherKey];
          await host.mustRun(["up", "--replace-key"], { OPENROUTER_API_KEY: other });
          await expectClean();
          await host.mustRun(["up", "--replace-key"], { OPENROUTER_API_KEY: key });
        },
      ],
      [
        "after changed models",
        async () => {
          await bed.run(`edit_settings models.fallback '"anthropic/claude-sonnet-5"'; oo up`);
          await expectClean();
          await bed.run("edit_settings models.fallback; oo up");
        },
      ],
      [
        "after people's kv get",
        async () => {
          for (let time = 0; time < 3; time++) vault.key();
          await bed.run("as_root kv get -format=json secret/openrouter");
        },
      ],
      [
        "after other secrets, mounts, policies and tokens of the user's",
        () =>
          bed.run(
            "as_root kv put secret/github token=x; as_root secrets enable -path=theirs kv || true; " +
              'echo \'path "theirs/*" { capabilities = ["read"] }\' | as_root policy write theirs -; as_root token create -policy=theirs',
          ),
      ],
      [
        "after the user's own edits of OpenClaw's files",
        async () => {
          const guide = join(host.userHome, ".openclaw/config.json");
          const content = JSON.parse(readFileSync(guide, "utf8"));
          writeFileSync(guide, JSON.stringify({ workspace: "mine", ...content }, null, 2));
        },
      ],
      [
        "after the log was rotated",
        async () => {
          const path = host.docker("inspect", "-f", "{{.LogPath}}", "vault");
          writeFileSync(path, "");
          vault.key();
        },
      ],
      ["after a check", () => host.run(["check", "--no-spend"])],
    ];
    const rounds = isFull ? 5 : 1;
    let runs = 0;

    /** Each of them takes ten seconds, and tells little that the others do not. */
    const onlyInFull = [
      "after changed models",
      "after people's kv get",
      "after the log was rotated",
      "after a check",
    ];
    const tried = triedOf(
      events,
      ([name]) => !onlyInFull.includes(name),
      ([name]) => name,
    );

    test.each(tried)("%s", async (_name, happen) => {
      for (let round = 0; round < rounds; round++) {
        await happen();
        await expectClean();
        runs += 1;
      }
    });

    afterAll(() => {
      process.stderr.write(`\nfalse alarms: 0 in ${runs} runs\n`);
    });
  });

  test("what is the user's is told apart, and is a finding with --all-of-vault only", async () => {
    const { report } = await bed.drift();
    expect(report.unmanaged).toEqual(
      expect.arrayContaining(["policy theirs", "secret secret/github", "secrets engine theirs/ (kv)"]),
    );
    const all = await bed.drift("--all-of-vault");
    expect(all.code).toBe(2);
    expect(all.report.findings.map(({ id }) => id)).toContain("vault.unmanaged:secret secret/github");
  });

  describe("it changes nothing", () => {
    /** Every file of the instance directory, with what would show a change. */
    function snapshot(): string[] {
      return readdirSync(home.root, { recursive: true, withFileTypes: true }).map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const { mtimeMs, size, mode, ino } = statSync(path);
        return [path, mtimeMs, size, mode, ino].join(" ");
      });
    }

    test("in the instance directory, on the engine, or in Vault, where it calls as auditor alone", async () => {
      const before = snapshot();
      const started = vault.started();
      const since = new Date().toISOString();
      await expectClean();
      expect(snapshot()).toEqual(before);
      expect(vault.started()).toBe(started);

      const calls = auditedSince(since);
      expect(calls.length).toBeGreaterThan(20);
      const changing = calls.filter(
        ({ request }) =>
          !["read", "list"].includes(request.operation) &&
          !["auth/approle/login", "auth/token/lookup-accessor"].includes(request.path),
      );
      expect(changing.map(({ request }) => `${request.operation} ${request.path}`)).toEqual([]);
      const policies = new Set(calls.flatMap(({ auth }) => auth.policies ?? []));
      // Deployer and reader log in, which is how it is known that they can, and call nothing.
      const called = calls.filter(({ request }) => request.path !== "auth/approle/login");
      expect(new Set(called.flatMap(({ auth }) => auth.policies ?? []))).toEqual(
        new Set(["openclaw-auditor"]),
      );
      expect(policies).toContain("openclaw-auditor");
    });

    const audited = z.object({
      time: z.string(),
      type: z.string(),
      auth: z.object({ policies: z.array(z.string()).optional() }).default({}),
      request: z.object({ operation: z.string(), path: z.string() }),
    });

    /** What Vault's audit device wrote of requests that carry a token, and of logins. */
    function auditedSince(since: string) {
      return host
        .docker("logs", "--since", since, "vault")
        .split("\n")
        .flatMap((line) => {
          if (!line.startsWith("{")) return [];
          const entry = audited.safeParse(JSON.parse(line));
          const isAsked = entry.data && !/^sys\/(seal-status|health|unseal)/.test(entry.data.request.path);
          return isAsked && entry.data?.type === "response" ? [entry.data] : [];
        });
    }

    test("and Vault refuses the auditor every call that would", async () => {
      const spec = await vault.asRoot((root) => root.call({ path: "sys/internal/specs/openapi" }, json));
      const auditor = await vault.as("auditor");
      const succeeded: string[] = [];
      const notRefused: string[] = [];
      let tried = 0;
      for (const [template, methods] of Object.entries<Record<string, unknown>>(spec.paths)) {
        for (const method of ["post", "delete"] as const) {
          const operation = methods[method];
          if (!operation || isUnauthenticated(methods)) continue;
          const path = fill(template.slice(1));
          tried += 1;
          try {
            await auditor.call({ method: method === "post" ? "POST" : "DELETE", path, body: {} }, json);
            succeeded.push(`${method} ${template}`);
          } catch (error) {
            if (!(error instanceof VaultFailure) || error.status !== 403)
              notRefused.push(`${method} ${template}`);
          }
        }
      }
      expect(tried).toBeGreaterThan(150);
      expect(succeeded).toEqual([]);
      // These fail otherwise than by the auditor's rights, and change nothing of anybody's: a lookup; a store of the token's
      // own, which a batch token has none of; what tells of the token; and what acts on a wrapping token that is given.
      expect(notRefused).toEqual([
        "post /auth/token/lookup-accessor",
        "post /cubbyhole/{path}",
        "post /identity/oidc/provider/{name}/userinfo",
        "post /sys/wrapping/rewrap",
        "post /sys/wrapping/unwrap",
      ]);
      await expectClean();
    });

    /** Calls that need no token at all, such as an unseal, are nobody's rights. */
    function isUnauthenticated(methods: Record<string, unknown>): boolean {
      return methods["x-vault-unauthenticated"] === true;
    }

    /** A path with names of things that are there. */
    function fill(template: string): string {
      const names: Record<string, string> = {
        role_name: "openclaw-reader",
        name: "openclaw-reader",
        path: "openrouter",
        secret_mount_path: "secret",
        approle_mount_path: "approle",
      };
      return template.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? "openrouter");
    }
  });

  test("both stacks are planned by one run of Terraform", async () => {
    const terraform = new NotedTerraform(host);
    expect((await host.run(["drift"], terraform.environment)).code).toBe(0);
    expect(terraform.count("plan")).toBe(1);
  });

  describe("other runs", () => {
    testInFull("two at once both answer", async () => {
      const both = await Promise.all([host.run(["drift"]), host.run(["drift"])]);
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
    });

    testInFull("during a deploy it stops, and says who holds the lock", async () => {
      const running = host.start(["up"]);
      await until(() => lockedBy(home.lock) === running.pid, "the deploy's lock");
      process.kill(running.pid, "SIGSTOP");
      const { code, stderr } = await host.run(["drift"]);
      process.kill(running.pid, "SIGCONT");
      expect(code).toBe(1);
      expect(stderr).toContain(`pid ${running.pid} on`);
      expect(stderr).toContain("(up, since");
      expect((await running.outcome).code).toBe(0);
      await expectClean();
    });

    testInFull("one that is killed leaves no provider running", async () => {
      const running = host.start(["drift"]);
      const providers = await until(() => {
        const found = tree(running.pid).filter(isProvider);
        return found.length >= 2 && found;
      }, "the providers of its plans");
      process.kill(running.pid, "SIGKILL");
      await running.outcome;
      await until(() => !providers.some(isRunning), "the end of its providers");
      await expectClean();
    });

    function isProvider(pid: number): boolean {
      try {
        return basename(readlinkSync(`/proc/${pid}/exe`)).startsWith(providerPrefix);
      } catch {
        return false;
      }
    }
  });

  describe("what is reported", () => {
    testInFull("a baseline leaves what is new, and an ignore file what is not ignored", async () => {
      await bed.run("docker update --memory 256m $C");
      const first = await bed.drift();
      expect(first.report.findings.map(({ id }) => id)).toEqual(["container.memory"]);
      const baseline = join(host.folder, "baseline.json");
      writeFileSync(baseline, first.stdout);
      const known = await bed.drift("--baseline", baseline);
      expect(known.code).toBe(0);
      expect(known.report.known.map(({ id }) => id)).toEqual(["container.memory"]);

      const ignore = join(host.folder, "ignore.json");
      const write = (until: string) =>
        writeFileSync(
          ignore,
          JSON.stringify({ ignore: [{ id: "container.memory", reason: "tuning", until }] }),
        );
      write("2999-01-01");
      expect((await bed.drift("--ignore", ignore)).code).toBe(0);
      write("2020-01-01");
      const expired = await bed.drift("--ignore", ignore);
      expect(expired.report.findings.map(({ id }) => id)).toEqual([
        "container.memory",
        "ignore.expired:container.memory",
      ]);
      await host.mustRun(["drift", "--fix", "--yes"]);
    });

    testInFull("--no-network does not ask OpenRouter", async () => {
      await bed.openrouter.control.clearRequests();
      expect((await bed.drift("--no-network")).code).toBe(0);
      expect(await bed.openrouter.control.requests()).toEqual([]);
    });
  });

  describeInFull("--all", () => {
    beforeAll(() => host.mustRun(["up", "--instance", "sandbox"]));

    test("tells each instance its own, where the same providers plan for one after the other", async () => {
      await bed.run("docker update --memory 256m $C; echo | as_root policy write openclaw-reader -");
      try {
        // On one processor it looks at one instance at a time.
        await bed.run(
          'code=0; taskset -c 0 "$NODE" "$PROGRAM" drift --all --json >"$HOME/all.json" || code=$?; [ $code = 2 ]',
        );
        const { instances } = JSON.parse(readFileSync(join(host.userHome, "all.json"), "utf8"));
        const found = instances.map(({ instance, findings }: DriftReport) => [
          instance,
          findings.map(({ id }) => id).sort(),
        ]);
        expect(found).toEqual([
          ["default", ["container.memory", "vault.policy:openclaw-reader"]],
          ["sandbox", []],
        ]);
      } finally {
        await host.mustRun(["drift", "--fix", "--yes"]);
      }
    });

    test("tells every instance, and the most severe code", async () => {
      await bed.run("docker stop openclaw-sandbox-vault");
      const { code, stdout } = await host.run(["drift", "--all", "--json"]);
      const outcomes = JSON.parse(stdout).instances.map(
        ({ instance, outcome }: { instance: string; outcome: string }) => [instance, outcome],
      );
      expect(outcomes).toEqual([
        ["default", "clean"],
        ["sandbox", "drift"],
      ]);
      expect(code).toBe(2);
    });

    test("after destroy it is not deployed", async () => {
      await host.mustRun(["destroy", "--yes", "--instance", "sandbox"]);
      expect((await host.run(["drift", "--instance", "sandbox"])).code).toBe(4);
    });
  });

  describe("usage", () => {
    test.each([
      ["--fix where nobody can be asked", ["drift", "--fix"], 64, "Add --yes."],
      ["a baseline that is none", ["drift", "--baseline", "/etc/hostname"], 64, "cannot be used"],
      ["--all with --fix", ["drift", "--all", "--fix"], 64, "--all"],
      ["an instance that is not there", ["drift", "--instance", "nowhere"], 4, "not deployed"],
    ])("%s", async (_name, args, code, text) => {
      const outcome = await host.run(args);
      expect(outcome.code).toBe(code);
      expect(outcome.stderr).toContain(text);
    });
  });
});
