import { DriftContext } from "../../lib/drift/context";
import { differenceOf, state as stateProbe } from "../../lib/drift/probes/state";
import { parseState, type State } from "../../lib/model/terraform-state";
import { describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";

/** A state with resources of these names. */
function state(lineage: string, serial: number, ...names: string[]): State {
  const resources = names.map((name) => ({
    mode: "managed",
    type: "docker_volume",
    name,
    instances: [{ attributes: {} }],
  }));
  return parseState({ version: 4, lineage, serial, outputs: {}, resources })!;
}

const recorded = { lineage: "a", serial: 3 };

test.each([
  ["as deployed", state("a", 3, "x"), recorded, []],
  ["newer", state("a", 4, "x"), recorded, []],
  ["nothing was recorded", state("a", 3), undefined, []],
  ["gone", undefined, recorded, ["a", "gone", "lineage"]],
  ["gone, and nothing was recorded", undefined, undefined, ["there", "gone", "lineage"]],
  ["another stack's", state("b", 9, "x"), recorded, ["a", "b", "lineage"]],
  ["older", state("a", 2, "x"), recorded, ["3", "2", "serial"]],
  ["without a resource", state("a", 4), recorded, ["docker_volume.x", "not in it", "resources"]],
  ["with another resource instead, as after an interrupted run", state("a", 4, "y"), recorded, []],
])("a state that is %s", (_, now, record, expected) => {
  expect(differenceOf(now, record, () => state("a", 3, "x"))?.[1] ?? []).toEqual(expected);
});

test("without a copy of the deployed state, no resource counts as missing", () => {
  expect(differenceOf(state("a", 4), recorded, () => undefined)).toBeUndefined();
});

describe("a state of another backend", () => {
  const probed = (pullState: DriftContext["options"]["pullState"]) => {
    const context = new DriftContext({
      deployment: describeInstance(
        { terraform: { backend: { type: "pg", config: { conn_str: "postgres://127.0.0.1/{stack}" } } } },
        { home: scratchFolder() },
      ),
      host: { engine: undefined, program: undefined, providers: undefined },
      network: false,
      allOfVault: false,
      progress: () => {},
      pullState,
    });
    return { context, found: stateProbe.inspect(context) };
  };

  test("that is there is compared, and one that is not there is gone", async () => {
    expect((await probed(async () => state("a", 3)).found).flat()).toEqual([]);
    expect((await probed(async () => undefined).found).flat().map(({ id }) => id)).toEqual([
      "state.vault",
      "state.openrouter",
    ]);
  });

  test("that cannot be read is not told as gone, and hides nothing else", async () => {
    const { context, found } = probed(async () => {
      throw new Error("connection refused");
    });
    await expect(found).rejects.toThrow("connection refused");
    expect(await context.appliedContainer()).toBeUndefined();
  });
});
