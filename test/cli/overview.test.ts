import { renderOverview } from "../../lib/cli/overview";
import { renderStatus, type Status } from "../../lib/operations/status";
import { type ScheduledName, scheduledNames } from "../../lib/session/schedule/schedule-script";

const well: Status = {
  version: 1,
  instance: "default",
  settings: undefined,
  program: "0.1.0",
  home: "/homes/default",
  id: "id",
  deployedAt: "2026-11-25T10:59:39.129Z",
  engine: "Docker Engine 28.0.1 at /var/run/docker.sock",
  container: { name: "vault", state: "running" },
  vault: {
    address: "https://127.0.0.1:8200",
    caFile: undefined,
    caFingerprint: undefined,
    version: "1.21.2",
    sealed: false,
    kind: "own",
    joinedAs: undefined,
    shares: "not on this host",
  },
  key: { fingerprint: "8de8c255f100c178", label: undefined, rotation: undefined, old: [] },
  accepted: [],
  alerts: [],
  events: [],
  schedules: [],
  lastCheck: { at: "2026-11-28T21:00:41.000Z", outcome: "pass" },
  replacing: undefined,
  running: undefined,
};
const replacing = {
  command: "rebuild",
  since: "2026-11-28T21:00",
  resume: "openclaw-openrouter rebuild",
} as const;

function overview(
  changed: Partial<Status> = {},
  scheduled: readonly ScheduledName[] = scheduledNames,
): string {
  const schedules = scheduledNames.map((name) => ({
    name,
    by: scheduled.includes(name) ? ("systemd" as const) : undefined,
    when: "",
  }));
  return renderOverview({ ...well, ...changed }, schedules, ["default", "staging"]);
}

const next = (text: string) => /^Next: +(.*?)( {2}|$)/m.exec(text)?.[1];

test("ten lines at most, of a terminal's width", () => {
  const text = overview({ running: { pid: 1, command: "vault renew-identities", since: "" } });
  const lines = text.split("\n");
  expect(lines.length).toBeLessThanOrEqual(10);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(text).toContain("Instance:     default; also here: staging");
  expect(text).toContain("Last check:   passed, 2026-11-28 21:00 UTC");
  expect(text).toContain("Scheduled:    check, drift, backup, unseal");
});

test("a schedule that the host does not run is not shown as one that it runs", () => {
  const text = overview({ schedules: ["drift did not run since 2026-11-20T00:01"] });
  expect(text).toContain(
    "Scheduled:    check, drift, backup, unseal; drift did not run since 2026-11-20T00:01",
  );
});

const { vault } = well;

test.each<[string, Partial<Status>, string]>([
  ["all is well", {}, "drift"],
  ["the shares are on the host", { vault: { ...vault, shares: "on this host" } }, "shares export"],
  ["the last check failed", { lastCheck: { at: "2026-11-28T21:00", outcome: "fail" } }, "check"],
  ["it was never checked", { lastCheck: undefined }, "check"],
  ["Vault is sealed", { vault: { ...vault, sealed: true } }, "vault unseal"],
  [
    "Vault is stopped",
    { vault: { ...vault, sealed: undefined }, container: { name: "v", state: "exited" } },
    "vault unseal",
  ],
  [
    "no engine answers",
    { vault: { ...vault, sealed: undefined }, container: { name: "v", state: "not known" } },
    "doctor",
  ],
  ["an external Vault is sealed", { vault: { ...vault, kind: "external", sealed: true } }, "check"],
  ["the deploy did not end", { deployedAt: undefined }, "up"],
  ["the container is gone", { container: { name: "vault", state: "missing" } }, "up"],
  [
    "a rebuild was interrupted before its container was made",
    { replacing, container: { name: "vault", state: "missing" } },
    "rebuild",
  ],
  ["it is another instance", { instance: "staging" }, "drift --instance staging"],
  ["it is the sandbox", { instance: "sandbox" }, "up --instance default"],
])("the next command where %s", (_, changed, command) => {
  expect(next(overview(changed))).toBe(`openclaw-openrouter ${command}`);
});

test("the next command where nothing is scheduled", () => {
  expect(next(overview({}, []))).toBe("openclaw-openrouter schedule add");
});

test("the status names a replacement that is not finished, and what resumes it, unless it runs now", () => {
  const line = "rebuild of 2026-11-28 21:00 UTC; openclaw-openrouter rebuild resumes it";
  expect(renderStatus({ ...well, replacing }).replace(/\s+/g, " ")).toContain(`not finished ${line}`);
  const running = { pid: 1, command: "rebuild", since: "" };
  expect(renderStatus({ ...well, replacing, running })).not.toContain("not finished");
});
