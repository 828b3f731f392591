import { byFix, drift, type Finding } from "../../lib/drift/finding";
import { findRootCauses, matches } from "../../lib/drift/root-cause";
import { processorTime } from "../support/regexps";

function finding(id: string, explains: readonly string[] = [], kind: Finding["kind"] = "drift"): Finding {
  return { ...drift(id, "minor", id, { summary: id, explains }), kind, fix: byFix };
}

const grouped = (...findings: Finding[]) =>
  Object.fromEntries(findRootCauses(findings).map(({ id, follows }) => [id, follows.map((each) => each.id)]));

test("what follows from another finding stands under it", () => {
  expect(
    grouped(
      finding("container.replaced", ["container.*"]),
      finding("container.ports"),
      finding("vault.sealed"),
    ),
  ).toEqual({ "container.replaced": ["container.ports"], "vault.sealed": [] });
});

test("what follows from what follows stands under the first cause", () => {
  expect(
    grouped(
      finding("vault.unreachable", ["secret.*"]),
      finding("secret.gone"),
      finding("container.gone", ["vault.*"]),
    ),
  ).toEqual({ "container.gone": ["vault.unreachable", "secret.gone"] });
});

test("of two causes the first one counts", () => {
  expect(grouped(finding("a", ["c"]), finding("b", ["c"]), finding("c"))).toEqual({ a: ["c"], b: [] });
});

test("two that explain each other end in one, not in a loop", () => {
  const ids = Object.entries(grouped(finding("a", ["b"]), finding("b", ["a"]))).flat(2);
  expect(ids.sort()).toEqual(["a", "b"]);
});

test("the settings explain what is not applied, and nothing that drifted", () => {
  expect(
    grouped(
      finding("settings.x", ["plan.*"], "declaration"),
      finding("plan.a", [], "declaration"),
      finding("plan.b"),
    ),
  ).toEqual({ "settings.x": ["plan.a"], "plan.b": [] });
});

test("the settings explain what could not be determined only where they name it", () => {
  expect(
    grouped(
      finding("settings.x", ["plan.*", "plan.b.unknown"], "declaration"),
      finding("plan.a.unknown", [], "unknown"),
      finding("plan.b.unknown", [], "unknown"),
    ),
  ).toEqual({ "settings.x": ["plan.b.unknown"], "plan.a.unknown": [] });
});

test.each([
  ["plan.docker_container.*:memory", "plan.docker_container.server_D6:memory", true],
  ["plan.docker_container.*:memory", "plan.docker_container.server_D6:memory_swap", false],
  ["container.*", "containerXports", false],
  ["vault.mount:*", "vault.mount:secret:config.x", true],
  ["a", "ab", false],
])("%s of %s: %s", (pattern, id, expected) => {
  expect(matches(pattern, id)).toBe(expected);
});

test("thousands of findings are grouped soon: whoever runs OpenClaw decides how many agents have a model of their own", () => {
  const many = [...Array(20_000)].map((_, at) =>
    drift(`openclaw.model:agents.list.${at}.model`, "minor", "x", { summary: "y" }),
  );
  expect(processorTime(() => findRootCauses(many))).toBeLessThan(2000);
});
