import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { askBySocket, sharesSocketVariable, withSharesSocket } from "../../../lib/vault/shares/shares-socket";

const shares = ["one", "two", "three"].map((word) => Buffer.from(word.repeat(11)).toString("base64"));

test("a step is given what the command that runs it is given, as often as it asks", async () => {
  const ask = jest.fn(async (threshold: number) => ({ shares: shares.slice(0, threshold), threshold }));
  const folder = await withSharesSocket(ask, async (desk) => {
    const askThere = askBySocket({ [sharesSocketVariable]: desk })!;
    for (const threshold of [1, 2, 3])
      expect(await askThere(threshold)).toEqual({ shares: shares.slice(0, threshold), threshold });
    return dirname(desk);
  });
  expect(ask).toHaveBeenCalledTimes(3);
  expect(existsSync(folder)).toBe(false);
});

test("what the command has against it is told to the step", async () => {
  await withSharesSocket(
    () => Promise.reject(new Error("two of them are the same")),
    async (desk) => {
      await expect(askBySocket({ [sharesSocketVariable]: desk })!(3)).rejects.toThrow(
        "two of them are the same",
      );
    },
  );
});

test("without a command nobody is asked", () => {
  expect(askBySocket({})).toBeUndefined();
});
