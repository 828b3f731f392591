import { Command } from "commander";
import { register as check } from "../../lib/cli/commands/check";
import { register as drift } from "../../lib/cli/commands/drift";
import { homePaths } from "../../lib/model/home-paths";
import { scratchFolder } from "../support/folder";
import { capturePrinted } from "../support/printed";

const mockTold: string[] = [];
let mockRoot = "";
jest.mock("../../lib/session/load-deployment", () => ({
  lastDeployed: () => undefined,
  openInstance: () => ({
    ...{
      instance: "default",
      home: homePaths(mockRoot),
      external: { joinedAs: "paris" },
      replacedModels: [],
    },
  }),
}));
jest.mock("../../lib/cli/on-hosts", () => ({ runOnHosts: () => undefined }));
jest.mock("../../lib/model/run-parameters", () => ({ checkParametersOf: () => ({}) }));
jest.mock("../../lib/docker/engine", () => ({ reachEngine: async () => ({ state: "absent" }) }));
jest.mock("../../lib/check", () => ({
  runChecks: async () => ({ outcome: "fail", results: [] }),
  recordCheck: () => {},
  renderReport: () => "",
  renderJunit: () => "",
}));
jest.mock("../../lib/terraform/fast/shared-providers", () => ({
  withSharedProviders: (work: () => unknown) => work(),
}));
jest.mock("../../lib/drift/run-drift", () => ({ runDrift: async () => ({}) }));
jest.mock("../../lib/drift", () => ({
  driftExitCode: () => 2,
  renderDriftReport: () => "",
  renderDriftJunit: () => "",
}));
jest.mock("../../lib/operations/alerts/scheduled", () => ({
  areChatsDue: () => false,
  recordScheduledCheck: async () => mockTold.push("check"),
  recordScheduledDrift: async () => mockTold.push("drift"),
}));

afterEach(() => jest.restoreAllMocks());

test.each([
  ["check", check],
  ["drift", drift],
] as const)(
  "alerts of a scheduled %s are told though its report's file cannot be written",
  async (name, register) => {
    capturePrinted();
    mockRoot = scratchFolder();
    mockTold.length = 0;
    const program = new Command();
    register(program);
    const args = [name, "--scheduled", "--junit", `${mockRoot}/missing/report.xml`];
    await expect(program.parseAsync(args, { from: "user" })).rejects.toThrow("The report cannot be written");
    expect(mockTold).toEqual([name]);
  },
);
