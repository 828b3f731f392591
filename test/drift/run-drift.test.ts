import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsSchema } from "../../lib/config/settings";
import { UserError } from "../../lib/core/errors";
import { ExitCode } from "../../lib/core/exit-codes";
import type { DriftContext } from "../../lib/drift/context";
import { drift, type Finding } from "../../lib/drift/finding";
import { type RunDriftOptions, runDrift } from "../../lib/drift/run-drift";
import type { ProbeResults } from "../../lib/drift/run-probes";
import { deployment } from "../../lib/model/deployment";
import { driftReport } from "../../lib/report/drift-report";
import { takeLock } from "../../lib/store/lock";
import { deployedRecord } from "../../lib/store/records/deployed-record";
import { scratchFolder } from "../support/folder";

/** What the probes find on this host. */
let mockFound: (context: DriftContext) => ProbeResults;
jest.mock("../../lib/drift/run-probes", () => ({
  runProbes: async (context: DriftContext) => mockFound(context),
}));

/** Whether the engine of this host has the instance's container. */
let mockHasContainer: boolean;
jest.mock("../../lib/session/present-host", () => ({
  presentHost: async () => ({
    engine: { api: { inspectContainer: async () => (mockHasContainer ? {} : undefined) } },
  }),
}));

const at = "2026-11-25T10:00:00.000Z";

function options(more: Partial<RunDriftOptions> = {}): RunDriftOptions {
  const root = join(scratchFolder(), "trial");
  mkdirSync(root, { mode: 0o700 });
  const described = deployment("trial", settingsSchema.parse({}), root, root);
  deployedRecord.write(described.home, { at });
  return {
    deployment: described,
    network: false,
    allOfVault: false,
    sharedProviders: undefined as never,
    progress: () => {},
    ...more,
  };
}

const major = drift("container.memory", "major", "container", {
  summary: "less memory",
  compared: ["512 MiB", "256 MiB"],
  explains: ["plan.*"],
});
const minor = drift("secret.version", "minor", "secret", { summary: "written again", compared: ["3", "4"] });
const critical = drift("secret.value", "critical", "secret", { summary: "another key" });
const followed = drift("plan.docker_container.vault:memory", "minor", "container", { summary: "memory" });

const finding = (...findings: Finding[]): ProbeResults => ({ findings, skipped: [] });
const ids = (findings: readonly { readonly id: string }[]) => findings.map(({ id }) => id);

beforeEach(() => {
  mockHasContainer = true;
  mockFound = () => finding();
});

describe("the report of a drift run", () => {
  test("is clean if nothing is found and nothing was skipped", async () => {
    const report = driftReport.parse(await runDrift(options()));
    expect(report).toMatchObject({
      version: 1,
      instance: "trial",
      outcome: "clean",
      findings: [],
      known: [],
    });
  });

  test("has the root causes, the most severe first, each with what follows from it", async () => {
    mockFound = () => finding(minor, followed, major, critical);
    const { findings, outcome } = await runDrift(options());
    expect(outcome).toBe("drift");
    expect(ids(findings)).toEqual(["secret.value", "container.memory", "secret.version"]);
    expect(ids(findings[1]?.follows ?? [])).toEqual([followed.id]);
    // Which findings follow is no part of a report.
    expect(JSON.stringify(findings)).not.toContain("explains");
  });

  test("names a joined host no command that is refused there", async () => {
    mockFound = () => finding(major);
    const fixOf = async (run: RunDriftOptions) => (await runDrift(run)).findings[0]?.fix;
    const own = options();
    expect(await fixOf(own)).toEqual({
      by: "command",
      command: "openclaw-openrouter drift --fix --instance trial",
    });
    writeFileSync(own.deployment.home.installed, "{}");
    const external = { prefix: "openclaw", keyPath: "secret/openrouter/web1", joinedAs: "web1" };
    const joined = { ...own.deployment, external };
    expect(await fixOf({ ...own, deployment: joined })).toEqual({
      by: "person",
      command: "openclaw-openrouter host join --instance trial",
    });
  });

  test("lists known findings apart: with nothing else, and all inspected, there is no drift", async () => {
    mockFound = () => finding(minor, major);
    const known = { id: minor.id, actual: "4", follows: [] };
    const baseline = { version: 1 as const, findings: [known], known: [], skipped: [] };
    const some = await runDrift(options({ baseline }));
    expect([ids(some.findings), ids(some.known)]).toEqual([[major.id], [minor.id]]);
    mockFound = () => finding(minor);
    const all = await runDrift(options({ baseline }));
    expect([all.outcome, ids(all.known)]).toEqual(["clean", [minor.id]]);
  });

  test("is clean where the baseline skipped the same for the same reason, not where it only has a finding", async () => {
    const skipped = [{ what: "container", because: "no Docker Engine answers" }];
    const known = { id: minor.id, actual: "4", follows: [] };
    mockFound = () => ({ findings: [minor], skipped });
    const run = async (before: typeof skipped) => {
      const baseline = { version: 1 as const, findings: [known], known: [], skipped: before };
      const { outcome, skipped } = driftReport.parse(await runDrift(options({ baseline })));
      return [outcome, skipped[0]?.known];
    };
    expect(await run([])).toEqual(["undetermined", undefined]);
    expect(await run([{ what: "container", because: "another reason" }])).toEqual([
      "undetermined",
      undefined,
    ]);
    expect(await run(skipped)).toEqual(["clean", true]);
  });

  test("lists ignored findings with the reason and the day", async () => {
    mockFound = () => finding(minor, major);
    const entry = { id: "secret.*", reason: "a trial", until: "9999-12-31" };
    const { findings, ignored } = await runDrift(options({ ignore: { path: "x", ignore: [entry] } }));
    expect(ids(findings)).toEqual([major.id]);
    expect(ignored).toMatchObject([{ finding: { id: minor.id }, reason: "a trial", until: "9999-12-31" }]);
  });

  test("is undetermined where something was skipped, which it names with what is not inspected", async () => {
    const skipped = { what: "secret", because: "Vault is sealed" };
    const notInspected = { what: "vault.access: groups", because: "its owner does not permit it" };
    mockFound = (context) => {
      context.notInspected.push(notInspected);
      context.others.push("b", "a");
      return { findings: [], skipped: [skipped] };
    };
    const report = await runDrift(options());
    expect(report.outcome).toBe("undetermined");
    expect(report.skipped).toEqual([skipped, { ...notInspected, known: true }]);
    expect(report.unmanaged).toEqual(["a", "b"]);
  });

  test("holds no control character, no line break, and names the instance in its fixes", async () => {
    mockFound = () =>
      finding(
        drift("container.renamed", "major", "container", {
          summary: "renamed to \u001b[31mevil\nname",
          compared: ["vault", "\u001b]0;x\u0007"],
        }),
      );
    const { findings } = await runDrift(options());
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in it.
    expect(JSON.stringify(findings)).not.toMatch(/\\u001b|\\u0007|\\n|[\u0000-\u001f]/);
    expect(findings[0]?.fix.command).toBe("openclaw-openrouter drift --fix --instance trial");
  });
});

describe("a drift run is refused", () => {
  const refusal = async (given: RunDriftOptions) => {
    const error = await runDrift(given).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).props;
  };

  test.each([
    ["that was never deployed", true, false],
    ["whose container and files destroy removed", false, true],
  ])("of an instance %s", async (_, hasContainer, isRecorded) => {
    mockHasContainer = hasContainer;
    const given = options();
    if (!isRecorded) deployedRecord.remove(given.deployment.home);
    expect(await refusal(given)).toMatchObject({
      exitCode: ExitCode.NotDeployed,
      fix: "openclaw-openrouter up --instance trial",
    });
  });

  test("if a deploy ended while it inspected: its findings match neither what was before nor what is now", async () => {
    const given = options();
    mockFound = () => {
      deployedRecord.write(given.deployment.home, { at: "2026-11-25T11:00:00.000Z" });
      return finding(major);
    };
    expect((await refusal(given)).problem).toMatch(/was deployed while this run inspected it/);
  });

  test("while another run holds the lock, but not if it is its own", async () => {
    const given = options();
    const lock = takeLock(given.deployment.home.lock, "up");
    try {
      await refusal(given);
      expect((await runDrift({ ...given, lock })).outcome).toBe("clean");
    } finally {
      lock.release();
    }
  });
});
