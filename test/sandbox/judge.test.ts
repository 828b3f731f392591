import type * as Server from "../../lib/sandbox/server";
import { triedOf } from "../e2e/support/full";
import { steered } from "../support/sandbox";
import { judge } from "./judge";
import { mutants } from "./mutants";

async function judged(load: () => typeof Server): Promise<string[]> {
  const sandbox = await load().startSandbox(steered({ port: 0 }));
  try {
    return await judge(sandbox);
  } finally {
    await sandbox.close();
  }
}

test("OpenRouter's own client finds nothing wrong with the sandbox", async () => {
  expect(await judged(() => jest.requireActual("../../lib/sandbox/server"))).toEqual([]);
}, 300_000);

describe("a mutant of the sandbox is caught", () => {
  const tried = triedOf(
    mutants,
    (_mutant, index) => index % 4 === 0,
    ({ name }) => name,
  );
  test.each(tried)(
    "$name",
    async ({ module, mutate, caughtBy }) => {
      const faults = await judged(() => {
        let server: typeof Server | undefined;
        jest.isolateModules(() => {
          jest.doMock(`../../lib/sandbox/${module}`, () => {
            const actual = jest.requireActual(`../../lib/sandbox/${module}`);
            return { ...actual, ...mutate(actual) };
          });
          server = require("../../lib/sandbox/server");
        });
        jest.dontMock(`../../lib/sandbox/${module}`);
        return server!;
      });
      expect(faults).toContainEqual(expect.stringContaining(caughtBy));
    },
    300_000,
  );
});
