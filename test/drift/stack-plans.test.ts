import type { AuditorPlan } from "../../lib/drift/auditor-plan";
import type { DriftContext } from "../../lib/drift/context";
import { beginPlans } from "../../lib/drift/stack-plans";
import { describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const vault = { address: "https://vault.example:8200", caFile: "/etc/vault/ca.pem" };

/** Begins the plans of an instance with an external Vault, with settings that differ from the deployed ones. */
function begin(changed: object, states = {}) {
  const home = scratchFolder();
  const [deployed, declared] = [{}, changed].map((more) =>
    describeInstance({ vault: { ...vault, ...more } }, { home }),
  );
  const nothing = { drift: [], changes: [], declared: new Map() };
  const plan = {
    compareBoth: jest.fn(async () => undefined),
    compare: jest.fn(async (_: string) => nothing),
  };
  const readable = { vault: async () => undefined, openrouter: async () => undefined };
  const context = {
    ...{ declared, deployed, auditor: async () => ({}), options: { host: {} } },
    states: { ...readable, ...states },
  };
  const plans = beginPlans(context as unknown as DriftContext, plan as unknown as AuditorPlan);
  return { plans, planned: () => plan.compare.mock.calls.map(([stack]) => stack) };
}

test("both stacks are planned with the deployed settings", async () => {
  const { plans, planned } = begin({ memoryMegabytes: 300 });
  expect(await Promise.all([plans.vault, plans.openrouter])).toEqual([[], []]);
  expect(planned()).toEqual(["vault", "openrouter"]);
});

test.each([
  [{ address: "https://evil.example:8200" }],
  [{ address: [vault.address, "https://evil.example:8200"] }],
  [{ caFile: "/tmp/another-ca.pem" }],
  [{ namespace: "another" }],
])("with %j, which was never deployed, no provider logs in to Vault", async (changed) => {
  const { plans, planned } = begin(changed);
  await expect(plans.openrouter).rejects.toThrow("gets no credential from here");
  expect(await plans.vault).toEqual([]);
  expect(planned()).toEqual(["vault"]);
});

test("a stack whose state cannot be read is not planned, and the other one is", async () => {
  const { plans, planned } = begin({}, { openrouter: () => Promise.reject(new Error("no answer")) });
  await expect(plans.openrouter).rejects.toThrow("its state cannot be read");
  expect(await plans.vault).toEqual([]);
  expect(planned()).toEqual(["vault"]);
});
