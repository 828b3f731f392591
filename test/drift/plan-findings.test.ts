import { isNormalised, planFindings } from "../../lib/drift/plan-findings";
import { planChanges } from "../../lib/terraform/changes";

type Change = Record<string, unknown>;

/** A plan as `terraform show -json` gives it. */
function plan({
  drift = [],
  changes = [],
  declared = [],
}: {
  drift?: Change[];
  changes?: Change[];
  declared?: string[];
}) {
  const resources = declared.map((name) => ({ address: "docker_container.x", expressions: { [name]: {} } }));
  return planChanges.parse({
    resource_drift: drift,
    resource_changes: changes,
    configuration: {
      root_module: {
        resources: [
          {
            address: "docker_container.x",
            expressions: Object.assign({}, ...resources.map(({ expressions }) => expressions)),
          },
        ],
      },
    },
  });
}

const change = (
  actions: string[],
  before: object | null,
  after: object | null,
  more: object = {},
): Change => ({
  address: "docker_container.x",
  type: "docker_container",
  change: { actions, before, after, ...more },
});

const actual = (props: Parameters<typeof plan>[0]) =>
  planFindings("vault", plan(props)).map(({ id, kind, expected, actual }) => [id, kind, expected, actual]);

test("reality that left the state is drift, and its repair by the plan is reported once", () => {
  expect(
    actual({
      drift: [change(["update"], { memory: 512 }, { memory: 256 })],
      changes: [change(["update"], { memory: 256 }, { memory: 512 })],
      declared: ["memory"],
    }),
  ).toEqual([["plan.docker_container.x:memory", "drift", "512", "256"]]);
});

test("what bootstrap wrote is drift if the plan would change it back; if not, the state alone is older", () => {
  const policy = (actions: string[], before: string, after: string) => ({
    address: "vault_policy.reader",
    type: "vault_policy",
    change: { actions, before: { policy: before }, after: { policy: after } },
  });
  const renewed = policy(["update"], "of an earlier version", "declared");
  expect(actual({ drift: [renewed] })).toEqual([]);
  const byHand = policy(["update"], "declared", "by hand");
  expect(actual({ drift: [byHand], changes: [policy(["update"], "by hand", "declared")] })).toEqual([
    ["plan.vault_policy.reader:policy", "drift", "declared", "by hand"],
  ]);
});

test("a declaration that left the state is not applied, whatever drifted beside it", () => {
  expect(
    actual({
      drift: [change(["update"], { memory: 512, restart: "a" }, { memory: 256, restart: "a" })],
      changes: [change(["update"], { memory: 256, restart: "a" }, { memory: 640, restart: "b" })],
      declared: ["memory", "restart"],
    }),
  ).toEqual([
    ["plan.docker_container.x:memory", "drift", "512", "256"],
    ["plan.docker_container.x:memory", "declaration", "640", "256"],
    ["plan.docker_container.x:restart", "declaration", "b", "a"],
  ]);
});

test("what the declaration does not name is the provider's own, unless the plan wants it back", () => {
  const drift = [change(["update"], { ip: "1", privileged: false }, { ip: "2", privileged: true })];
  expect(actual({ drift })).toEqual([]);
  expect(
    actual({ drift, changes: [change(["delete", "create"], { privileged: true }, { privileged: false })] }),
  ).toEqual([["plan.docker_container.x:privileged", "drift", "false", "true"]]);
});

test("what is gone is reported once, not as something to be made as well", () => {
  expect(
    actual({
      drift: [change(["delete"], { memory: 512 }, null)],
      changes: [change(["create"], null, { memory: 512 })],
    }),
  ).toEqual([["plan.docker_container.x", "drift", "there", "gone"]]);
});

test("what was never made, and what is declared no more", () => {
  expect(actual({ changes: [change(["create"], null, { memory: 512 })] })).toEqual([
    ["plan.docker_container.x", "declaration", undefined, undefined],
  ]);
  expect(actual({ changes: [change(["delete"], { memory: 512 }, null)] })).toHaveLength(1);
});

test("what is known only after the apply is no difference", () => {
  expect(
    actual({ changes: [change(["delete", "create"], { id: "a" }, {}, { after_unknown: { id: true } })] }),
  ).toEqual([]);
});

describe("a secret value", () => {
  const [stored, other] = ["sk-or-v1-0123456789abcdef0123", "sk-or-v1-fedcba9876543210fedc"];
  const marks = { before_sensitive: { data: true }, after_sensitive: { data: true } };
  const changed = (before: unknown, after: unknown, more: object = marks) =>
    change(["update"], { data: before }, { data: after }, more);

  test("that differs from the applied one is drift, told once and without a value", () => {
    const found = actual({
      drift: [changed(stored, other)],
      changes: [changed(other, stored)],
      declared: ["data"],
    });
    expect(found).toEqual([["plan.docker_container.x:data", "drift", "(secret 1)", "(secret 2)"]]);
  });

  test("that the declaration changes is not applied, whatever drifted beside it", () => {
    const found = actual({ drift: [changed(stored, other)], changes: [changed(other, "third")] });
    expect(found).toEqual([["plan.docker_container.x:data", "declaration", "(secret 3)", "(secret 2)"]]);
  });

  test("is hidden in a list of which it is a part, and a list without any is none", () => {
    const found = actual({ changes: [changed([stored], [], { before_sensitive: { data: [true] } })] });
    expect(found).toEqual([["plan.docker_container.x:data", "declaration", "none", "(secret 1)"]]);
  });

  test("that a provider only reads back otherwise is no difference", () => {
    expect(
      actual({ drift: [changed(`${stored}\n`, stored), changed("", null)], declared: ["data"] }),
    ).toEqual([]);
  });
});

test.each([
  [null, "", true],
  [null, {}, true],
  [{}, [], true],
  [false, null, true],
  [0, null, true],
  ["a\n", "a", true],
  [["b", "a"], ["a", "b"], true],
  [[{ a: 1, b: null }], [{ a: 1 }], true],
  ["null", null, true],
  [0, 1, false],
  ["a", "b", false],
  [["a"], ["a", "b"], false],
  [true, false, false],
])("%j and %j are the same: %s", (before, after, same) => {
  expect(isNormalised({ before, after })).toBe(same);
});
