import { Readable } from "node:stream";
import { hideSecrets } from "../../lib/config/secrets";
import { boundedLines, boundedText, EndlessAnswer } from "../../lib/core/bounded";
import { plain, plainJson } from "../../lib/core/plain-text";
import { wrap } from "../../lib/core/text";
import { failureOfError, failureOfText } from "../../lib/openrouter/classify";
import { oneLine, scrub } from "../../lib/openrouter/scrub";
import { renderJunitSuite } from "../../lib/report/junit";
import { cell } from "../../lib/report/markdown";
import { hideBackendSecrets } from "../../lib/terraform/hide-secrets";
import { isFull } from "../e2e/support/full";
import { canBeSlow, endsInTime, hostileTexts, processorTime, regExpsOf } from "../support/regexps";

const megabyte = 1024 * 1024;

/** Bytes without an end, and how many of them were taken. */
function endless(piece: string) {
  const taken = { bytes: 0 };
  const chunk = Buffer.from(piece.repeat(64 * 1024));
  const stream = new Readable({
    read() {
      taken.bytes += chunk.length;
      this.push(chunk);
    },
  });
  return { stream, taken };
}

test("an endless answer is given up, and its stream ended", async () => {
  const { stream, taken } = endless("x");
  await expect(boundedText(stream, megabyte)).rejects.toThrow(EndlessAnswer);
  expect(taken.bytes).toBeLessThan(2 * megabyte);
  expect(stream.destroyed).toBe(true);
});

test("one that is just as long as it may be is read, whole letters and all", async () => {
  const bytes = Buffer.from("ü".repeat(megabyte / 2));
  const text = await boundedText(Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]), megabyte);
  expect(text).toBe(bytes.toString("utf8"));
});

test("lines are given as they come; one without an end is given up", async () => {
  const lines: string[] = [];
  for await (const line of boundedLines(Readable.from([Buffer.from("a\nb"), Buffer.from("c\n\nd")]), 100))
    lines.push(line);
  expect(lines).toEqual(["a", "bc", "", "d"]);
  const read = async () => {
    for await (const _ of boundedLines(endless("x").stream, megabyte));
  };
  await expect(read()).rejects.toThrow(EndlessAnswer);
});

/** These see no text of anybody else's that is longer than a line. */
const ownTextOnly = [
  // The documents that this project generates from its own schemas.
  "lib/config/docs.ts",
  "lib/core/text.ts /\\[",
  "lib/core/text.ts /\\s*\\n",
  // The program's own compiled files.
  "lib/host/program-files.ts",
  // The user's own configuration of Terraform.
  "lib/terraform/cli-config.ts /\\/\\*",
  // The address in the gateway's own environment.
  "lib/openclaw/resolver.cjs /\\/+$/",
  // 1000 letters at the most: `rowOf`.
  "lib/openrouter/error-table.ts",
];

/** Of a hostile text. One that takes the square of its length is far beyond the bounds at a quarter as well. */
const length = isFull ? megabyte : megabyte / 4;
/** Bound of one pattern on one text, in milliseconds of the processor: a hundred times what a linear one takes. */
const inTime = isFull ? 3000 : 500;

test("every pattern in the sources takes as long as its text is", () => {
  const slow = regExpsOf(["lib", "scripts"])
    .filter(canBeSlow)
    .filter(({ file, text }) => !ownTextOnly.some((known) => `${file} ${text}`.startsWith(known)))
    .flatMap((each) => {
      const found = hostileTexts(each, isFull ? megabyte : 50_000).find(
        (text) => !endsInTime(each, text, inTime),
      );
      return found ? [`${each.file} ${each.text} on ${JSON.stringify(found.slice(0, 40))}`] : [];
    });
  expect(slow).toEqual([]);
}, 900_000);

const key = `sk-or-v1-${"0123456789abcdef".repeat(4)}`;
const answer = { status: 400, text: "", retryAfterSeconds: undefined };

/** What foreign text goes through. */
const functions: Record<string, (text: string) => unknown> = {
  plain,
  plainJson,
  cell,
  scrub: (text) => scrub(text, key),
  oneLine: (text) => oneLine(text, key),
  hideSecrets,
  hideBackendSecrets: (text) => hideBackendSecrets(text, { PGPASSWORD: "secret" }),
  wrap: (text) => wrap(text, 80),
  "JUnit's XML": (text) =>
    renderJunitSuite({
      name: text,
      timestamp: "",
      cases: [
        { classname: text, name: text, time: 0, outcome: { is: "failed", message: text, details: text } },
      ],
    }),
  ...Object.fromEntries(
    [400, 402, 403, 404, 429, 500].map((status) => [
      `OpenRouter's error ${status}`,
      (text: string) => failureOfError({ code: status, message: text }, { ...answer, status }, key),
    ]),
  ),
  "an error page": (text) => failureOfText({ ...answer, text }, key),
};

const pieces = [
  "model ",
  "workspace ",
  "a.",
  "a",
  " ",
  "\n",
  "\u001b[",
  "sk-or-v1-",
  "sk-or-",
  "password=",
  "://a:",
  "x://y:",
  "hvs.",
  "aB3/",
  "-----BEGIN ",
  "\\",
  "`",
  "<",
  "=",
  "'",
];

test.each(Object.entries(functions))("%s takes a long hostile text in time", (_, work) => {
  for (const piece of pieces) {
    const taken = processorTime(() => work(piece.repeat(length / piece.length)));
    expect([piece, taken < (5000 * length) / megabyte]).toEqual([piece, true]);
  }
});

test("a key is taken out wherever it stands in a megabyte", () => {
  const filler = "model ".repeat(megabyte / 6);
  expect(oneLine(`${key} ${filler}`, key)).not.toContain(key.slice(9));
  expect(scrub(`${filler}${key}${filler}`, key)).not.toContain(key.slice(9));
  expect(hideSecrets(`${filler} ${key} ${filler}`)).not.toContain(key.slice(9));
});
