import { renderReport, runChecks } from "../../lib/check";
import type { CheckId } from "../../lib/config/check-ids";
import { keyFingerprint } from "../../lib/model/openrouter-key";
import { answers } from "../openrouter/answers";
import { type Bed, Beds, key, parametersOf } from "./support";

// A call that fails for a while is tried three times, as test/openrouter/client.test.ts has it: here without the pauses between.
jest.mock("p-retry", () => {
  const { default: retry, ...others } = jest.requireActual("p-retry");
  const at = { minTimeout: 0, maxTimeout: 0 };
  return {
    __esModule: true,
    ...others,
    default: (work: () => unknown, options: object) => retry(work, { ...options, ...at }),
  };
});

let beds: Promise<Beds>;

// Concurrent tests begin before any hook has run.
const use = async (work: (bed: Bed) => Promise<void>) => {
  beds ??= Beds.make();
  await (await beds).use(work);
};
afterAll(async () => (await beds).close());

interface Result {
  readonly id: string;
  readonly status: string;
  readonly summary: string;
  readonly fix?: string;
}

/** What the checks make of it, in this process: starting the command for each row would take most of the time. */
async function results(bed: Bed, only: readonly CheckId[], timeoutSeconds?: number) {
  const parameters = parametersOf(bed);
  const report = await runChecks({
    parameters: { ...parameters, timeoutSeconds: timeoutSeconds ?? parameters.timeoutSeconds },
    unseal: true,
    spend: true,
    only,
    progress: () => {},
  });
  return {
    outcome: report.outcome,
    ...judged(report.results, renderReport(report, { colour: false, width: 80 }), JSON.stringify(report)),
  };
}

/** The same by the command, as a person runs it. */
async function resultsOfCommand(bed: Bed, ...args: string[]) {
  const { code, json, text } = await bed.check("--json", ...args);
  return { code, ...judged((JSON.parse(json) as { results: Result[] }).results, text, json) };
}

function judged(all: readonly Result[], text: string, json: string) {
  expect(text + json).not.toContain(key.slice(9));
  return { text, of: (id: string) => all.find((result) => result.id === id) };
}

/** Lines and indents of the text are its own: a fix is the same words. */
const words = (text: string) => text.replace(/\s+/g, " ");

const fallback = "anthropic/claude-haiku-4.5";
const chats = "/chat/completions";

/** Of each kind of answer one row: an error, a page of something else, a body that is cut. */
const byCommand = /^(402|404 page|half a body)$/;

describe("every answer of the error table", () => {
  test.concurrent.each(answers)(
    "a chat answered by $name fails, and says how to fix it",
    ({ fault, fix }) =>
      use(async (bed) => {
        await bed.openrouter.addFault({ model: fallback, path: chats, ...fault });
        const { outcome, of, text } = await results(bed, ["chat.fallback"]);
        expect(of("chat.fallback")).toMatchObject({ status: "fail", fix: expect.stringMatching(fix) });
        expect(words(text)).toMatch(fix);
        expect(outcome).toBe("fail");
      }),
    300_000,
  );

  test.concurrent.each(answers.filter(({ name }) => byCommand.test(name)))(
    "a chat answered by $name, by the command",
    ({ fault, fix }) =>
      use(async (bed) => {
        await bed.openrouter.addFault({ model: fallback, path: chats, ...fault });
        const { code, of, text } = await resultsOfCommand(bed, "--only", "chat.fallback");
        expect(of("chat.fallback")).toMatchObject({ status: "fail", fix: expect.stringMatching(fix) });
        expect(words(text)).toMatch(fix);
        expect(code).toBe(1);
      }),
    300_000,
  );

  const ofKeys = /^(401 none|402|403 month|404 page|407|500|a proxy's page|half a body)$/;
  test.concurrent.each(answers.filter(({ name }) => ofKeys.test(name)))(
    "a key answered by $name fails, and no chat is tried with it",
    ({ fault, fix }) =>
      use(async (bed) => {
        await bed.openrouter.addFault({ path: "/auth/key", ...fault });
        await bed.openrouter.addFault({ path: "/key", ...fault });
        const { outcome, of } = await results(bed, ["key.valid", "chat.default", "budget.limit"]);
        expect(of("key.valid")).toMatchObject({ status: "fail", fix: expect.stringMatching(fix) });
        for (const id of ["chat.default", "budget.limit"]) {
          expect(of(id)).toMatchObject({ status: "skip", summary: "needs key.valid, which failed" });
        }
        const paths = (await bed.openrouter.requests()).map(({ path }) => path);
        expect(paths).not.toContain(chats);
        expect(outcome).toBe("fail");
      }),
    300_000,
  );
});

describe("a chat", () => {
  const model = "anthropic/claude-sonnet-5";

  test.concurrent.each([401, 402, 403])(
    "that is refused with %d is not repeated",
    (status) =>
      use(async (bed) => {
        await bed.openrouter.addFault({ path: chats, model, status });
        await results(bed, ["chat.default"]);
        const tried = (await bed.openrouter.requests()).filter(({ path }) => path === chats);
        expect(tried).toHaveLength(1);
        expect(tried[0]?.key?.fingerprint).toBe(keyFingerprint(key));
      }),
    300_000,
  );

  test.concurrent(
    "may begin with blank lines",
    () =>
      use(async (bed) => {
        await bed.openrouter.addFault({ path: chats, model, blankLines: 3 });
        const { outcome, of } = await results(bed, ["chat.default"]);
        expect(of("chat.default")).toMatchObject({ status: "pass" });
        expect(outcome).not.toBe("fail");
      }),
    300_000,
  );

  test.concurrent(
    "that takes too long is reported in the setup guide's words",
    () =>
      use(async (bed) => {
        await bed.openrouter.addFault({ path: chats, model, delayMs: 20_000 });
        const { outcome, of } = await results(bed, ["chat.default"], 1);
        expect(of("chat.default")).toMatchObject({
          status: "fail",
          summary: expect.stringContaining("within 1 s"),
        });
        expect(of("chat.default")?.fix).toMatch(/timeout: the fallback takes over/);
        expect(outcome).toBe("fail");
      }),
    300_000,
  );

  test.concurrent(
    "that another model answers fails",
    () =>
      use(async (bed) => {
        const other = "google/gemini-2.5-pro";
        await bed.openrouter.addFault({ path: chats, model, answeredBy: other });
        const { outcome, of } = await results(bed, ["chat.default"]);
        expect(of("chat.default")).toMatchObject({
          status: "fail",
          summary: expect.stringContaining(`${other} answered instead of ${model}`),
        });
        expect(outcome).toBe("fail");
      }),
    300_000,
  );

  test.concurrent(
    "of the third role only warns",
    () =>
      use(async (bed) => {
        await bed.openrouter.addFault({ path: chats, model: "google/gemini-2.5-flash", status: 404 });
        const { outcome, of } = await results(bed, ["chat.experimentation"]);
        expect(of("chat.experimentation")).toMatchObject({ status: "warn" });
        expect(outcome).not.toBe("fail");
      }),
    300_000,
  );
});

test(
  "the setup guide's address of the key may be gone",
  () =>
    use(async (bed) => {
      await bed.openrouter.addFault({ path: "/auth/key", status: 404 });
      expect((await results(bed, ["key.valid"])).of("key.valid")).toMatchObject({ status: "pass" });
    }),
  300_000,
);
