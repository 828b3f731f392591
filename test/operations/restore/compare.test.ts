import { compare, type HostFacts } from "../../../lib/operations/restore/compare";

const picture = (inventory: [string, string][], renewed: Record<string, string>): HostFacts => ({
  inventory: new Map(inventory),
  same: { "Vault's version": "1.21.2" },
  renewed,
});

describe("the comparison of a rebuild", () => {
  const before = picture(
    [
      ["secret a", "1"],
      ["policy p", "x"],
    ],
    { "container's id": "one" },
  );

  test("finds nothing where only ids and times differ, and lists those", () => {
    expect(
      compare(
        before,
        picture(
          [
            ["policy p", "x"],
            ["secret a", "1"],
          ],
          { "container's id": "two" },
        ),
      ),
    ).toEqual({
      compared: 3,
      changed: [],
      renewed: [{ what: "container's id", before: "one", after: "two" }],
    });
  });

  test("finds what is changed, missing, or there in addition", () => {
    const after = picture(
      [
        ["secret a", "2"],
        ["secret b", "1"],
      ],
      { "container's id": "one" },
    );
    expect([...compare(before, after).changed].sort()).toEqual(["policy p", "secret a", "secret b"]);
    expect(compare(before, after).renewed).toEqual([]);
  });
});
