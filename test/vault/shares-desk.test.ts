import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { askAtDesk, sharesDeskVariable, withSharesDesk } from "../../lib/vault/shares-desk";

const shares = ["one", "two", "three"].map((word) => Buffer.from(word.repeat(11)).toString("base64"));

test("a step is given what the verb that runs it is given, as often as it asks", async () => {
  const ask = jest.fn(async (threshold: number) => ({ shares: shares.slice(0, threshold), threshold }));
  const folder = await withSharesDesk(ask, async (desk) => {
    const askThere = askAtDesk({ [sharesDeskVariable]: desk })!;
    for (const threshold of [1, 2, 3])
      expect(await askThere(threshold)).toEqual({ shares: shares.slice(0, threshold), threshold });
    return dirname(desk);
  });
  expect(ask).toHaveBeenCalledTimes(3);
  expect(existsSync(folder)).toBe(false);
});

test("what the verb has against it is told to the step", async () => {
  await withSharesDesk(
    () => Promise.reject(new Error("two of them are the same")),
    async (desk) => {
      await expect(askAtDesk({ [sharesDeskVariable]: desk })!(3)).rejects.toThrow("two of them are the same");
    },
  );
});

test("without a verb nobody is asked", () => {
  expect(askAtDesk({})).toBeUndefined();
});
