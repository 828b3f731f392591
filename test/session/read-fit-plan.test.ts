import { instanceLabel } from "../../lib/model/instance-label";
import { readFitPlan } from "../../lib/session/read-fit-plan";
import { planSchema } from "../../lib/terraform/plan";
import { describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";

/** Reads a plan whose state takes a container for the instance's. @param onEngine the label that the container really has */
function read(actions: string[], before: object, onEngine?: string) {
  const asked: string[] = [];
  const api = {
    inspectContainer: async (id: string) => {
      asked.push(id);
      return onEngine === undefined ? undefined : { Config: { Labels: { [instanceLabel]: onEngine } } };
    },
  };
  const change = { actions, before: { labels: [{ label: instanceLabel, value: "ours" }], ...before } };
  const plan = planSchema.parse({
    resource_changes: [{ address: "docker_container.it", type: "docker_container", change }],
  });
  const context = {
    deployment: describeInstance({}, { home: scratchFolder() }),
    instanceId: "ours",
    host: { engine: { api } },
  };
  const reading = readFitPlan(context as unknown as Parameters<typeof readFitPlan>[0], {
    show: async () => plan,
  });
  return reading.then(
    () => ({ asked }),
    (error) => ({ asked, refused: String(error) }),
  );
}

describe("a container that the state takes for the instance's", () => {
  test.each([[["delete"]], [["delete", "create"]], [["update"]]])(
    "is asked for its label on the engine before a plan may %j",
    async (actions) => {
      expect(await read(actions, { id: "a1" }, "ours")).toEqual({ asked: ["a1"] });
      expect(await read(actions, { id: "a1" }, "theirs")).toEqual({
        asked: ["a1"],
        refused: expect.stringMatching(
          /unmanaged resource of the engine\. Nothing was changed[\s\S]*docker_container\.it/,
        ),
      });
    },
  );

  test("may be gone, and needs an id", async () => {
    expect(await read(["delete"], { id: "a1" })).toEqual({ asked: ["a1"] });
    expect(await read(["update"], {}, "ours")).toMatchObject({ refused: expect.any(String) });
  });

  test("is not asked for by a plan that leaves it", async () => {
    expect(await read(["no-op"], { id: "a1" }, "theirs")).toEqual({ asked: [] });
  });
});
