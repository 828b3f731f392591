import { homePaths } from "../../../lib/model/home-paths";
import { type FixOptions, fixDrift } from "../../../lib/operations/drift-fix/fix";
import type { DriftReport, ReportedFinding } from "../../../lib/report/drift-report";
import type { RecordOptions } from "../../../lib/session/record-deployment";
import { scratchFolder } from "../../support/folder";

const mockChanged = new Set<string>();
const mockRecorded: RecordOptions[] = [];
let mockFindings: readonly ReportedFinding[] = [];

jest.mock("../../../lib/drift/run-drift", () => ({ runDrift: async () => ({ findings: mockFindings }) }));
jest.mock("../../../lib/sandbox/serve", () => ({
  withSandboxServed: (_: unknown, work: () => unknown) => work(),
}));
jest.mock("../../../lib/session/declare", () => ({ declare: async () => {} }));
jest.mock("../../../lib/session/apply-stacks", () => ({
  makeNetwork: async () => {},
  fitMemory: async () => false,
}));
jest.mock("../../../lib/session/requirements", () => ({
  requireLastSettings: () => {},
  requireVaultContainer: async () => {},
}));
jest.mock("../../../lib/session/record-deployment", () => ({
  ...jest.requireActual<object>("../../../lib/session/record-deployment"),
  recordDeployment: async (_: unknown, __: boolean, options: RecordOptions) => mockRecorded.push(options),
}));
jest.mock("../../../lib/operations/drift-fix/applied", () => ({ recreatedResources: async () => [] }));
jest.mock("../../../lib/operations/drift-fix/fix-key", () => ({ chooseKeyToStore: async () => ({}) }));
jest.mock("../../../lib/terraform/terraform-stack", () => ({
  initialize: async () => {},
  terraformFor: (_: unknown, stack: string) => ({
    plan: async () => mockChanged.has(stack),
    show: async () => ({ resource_changes: [] }),
    showChanges: async () => ({ resource_changes: [] }),
    apply: async () => mockChanged.delete(stack),
    forgetPlan: () => {},
  }),
}));
jest.mock("../../../lib/terraform/describe-plan", () => ({ describePlan: () => ["a change"] }));

const finding = (id: string, kind: ReportedFinding["kind"], by: "command" | "person"): ReportedFinding => ({
  ...{ id, kind, severity: "minor", subject: id, summary: id, follows: [] },
  fix: { by, command: "openclaw-openrouter drift --fix" },
});
const changed = finding("settings.models.default", "declaration", "command");
const memory = finding("plan.docker_container.vault:memory", "drift", "command");

/** Fixes one round. @returns the parts of the settings that it recorded as deployed */
async function recorded(changes: readonly string[], findings: readonly ReportedFinding[]) {
  mockChanged.clear();
  for (const stack of changes) mockChanged.add(stack);
  mockFindings = findings;
  mockRecorded.length = 0;
  const context = {
    instanceId: "an-id",
    deployment: { home: homePaths(scratchFolder()) },
    phase: (_: string, work: (progress: () => void) => unknown) => work(() => {}),
  };
  await fixDrift({
    ...{ context, deployment: context.deployment, show: (_: DriftReport) => {}, agree: async () => true },
  } as unknown as FixOptions);
  return ["vault", "models"].filter((part) => mockRecorded[0]?.isDeployed?.(part) ?? true);
}

test("the first stack's plan leaves the settings of the second as they were deployed", async () => {
  expect(await recorded(["vault", "openrouter"], [memory, changed])).toEqual(["vault"]);
});

test("so does what needs a person before the second can be planned", async () => {
  const policy = finding("vault.policy:openclaw-reader", "drift", "person");
  const roles = finding("vault.secret-ids:reader", "drift", "person");
  expect(await recorded(["openrouter"], [changed, policy, roles])).toEqual(["vault"]);
});

test.each([[["openrouter"]], [[]]])("after the second stack all are deployed: %j", async (changes) => {
  expect(await recorded(changes, [changed])).toEqual(["vault", "models"]);
});
