import { attempt } from "../../lib/core/attempt";
import { once } from "../../lib/core/once";
import { poll } from "../../lib/core/poll";

test("an attempt gives what the work gives, or nothing", () => {
  expect(attempt(() => 1)).toBe(1);
  expect(
    attempt(() => {
      throw new Error("x");
    }),
  ).toBeUndefined();
});

describe("a lookup that is run once", () => {
  test("serves every caller, those meanwhile as well", async () => {
    let runs = 0;
    const look = once(async () => ++runs);
    expect(await Promise.all([look(), look()])).toEqual([1, 1]);
    expect([await look(), runs]).toEqual([1, 1]);
  });

  test("keeps its failure as well: nobody is told anything else", async () => {
    let runs = 0;
    const look = once(async () => {
      runs++;
      throw new Error("x");
    });
    await expect(look()).rejects.toThrow("x");
    await expect(look()).rejects.toThrow("x");
    expect(runs).toBe(1);
  });
});

describe("polling", () => {
  test("ends with the first thing that is given, be it false or zero", async () => {
    for (const value of [0, false, ""]) {
      const answers = [undefined, undefined, value, "later"];
      expect(await poll(() => answers.shift() as unknown, { every: 0 })).toBe(value);
      expect(answers).toEqual(["later"]);
    }
  });

  test("gives nothing if nothing came in time, but tries at least once", async () => {
    let tries = 0;
    const never = () => {
      tries++;
      return undefined;
    };
    expect(await poll(never, { every: 1, timeout: -1 })).toBeUndefined();
    expect(tries).toBe(1);
  });

  test("waits as long as is told for the time that has passed", async () => {
    const asked: number[] = [];
    const answers = [undefined, undefined, "come"];
    const every = (elapsed: number) => {
      asked.push(elapsed);
      return 0;
    };
    expect(await poll(() => answers.shift(), { every })).toBe("come");
    expect(asked).toHaveLength(2);
    expect(asked.every((elapsed) => elapsed >= 0 && elapsed < 60_000)).toBe(true);
  });

  test("a clock that is set meanwhile, as after a boot, ends no wait and lengthens none", async () => {
    for (const jump of [86_400_000, -86_400_000]) {
      let now = 1_800_000_000_000;
      jest.spyOn(Date, "now").mockImplementation(() => (now += jump));
      const elapsed: number[] = [];
      const answers = [undefined, undefined, "come"];
      const every = (since: number) => elapsed.push(since) && 0;
      expect(await poll(() => answers.shift(), { every, timeout: 3_600_000 })).toBe("come");
      expect(elapsed.every((since) => since >= 0)).toBe(true);
    }
    jest.restoreAllMocks();
  });

  test("hands on what an attempt throws, and ends by its signal", async () => {
    await expect(poll(() => Promise.reject(new Error("x")), { every: 0 })).rejects.toThrow("x");
    const aborted = poll(() => undefined, { every: 60_000, signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
  });
});
