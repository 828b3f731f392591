import { deployedSettings } from "../../lib/session/record-deployment";

const before = { vault: { image: "vault:1" }, budget: { alertEur: 5 }, openclaw: {}, gone: true };
const declared = { vault: { image: "vault:2" }, budget: { alertEur: 9 }, openclaw: {} };

describe("the settings that a run records as deployed", () => {
  test("are all that are declared, if it deployed everything", () => {
    expect(deployedSettings(declared, before)).toEqual(declared);
  });

  test("are the declared ones of the part that it deployed, and else what was deployed before", () => {
    expect(deployedSettings(declared, before, (part) => part === "budget")).toEqual({
      ...before,
      budget: { alertEur: 9 },
    });
    expect(deployedSettings(declared, before, (part) => part !== "vault")).toEqual({
      ...declared,
      vault: { image: "vault:1" },
    });
  });

  test("are the declared ones where none were recorded, and none of which nothing is known", () => {
    expect(deployedSettings(declared, undefined, () => false)).toEqual(declared);
    expect(deployedSettings({ ...declared, state: {} }, before, () => false)).toEqual(before);
  });
});
