import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type KeyOptions, type ReplaceOptions, readGivenKey } from "../../../lib/cli/input/key-input";
import { UserError } from "../../../lib/core/errors";
import { canary } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const folder = scratchFolder();
const before = { ...process.env };
const stdin = Object.getOwnPropertyDescriptor(process, "stdin")!;

beforeEach(() => {
  process.env.OPENCLAW_OPENROUTER_HOME = folder;
  delete process.env.OPENROUTER_API_KEY;
});
afterEach(() => {
  process.env = { ...before };
  Object.defineProperty(process, "stdin", stdin);
});

/** Gives a key by one of its ways. */
const ways = {
  variable(key: string): KeyOptions {
    process.env.OPENROUTER_API_KEY = key;
    return {};
  },
  file(key: string): KeyOptions {
    const keyFile = join(folder, "key");
    writeFileSync(keyFile, key);
    return { keyFile };
  },
  stdin(key: string): KeyOptions {
    Object.defineProperty(process, "stdin", { value: Readable.from([key]), configurable: true });
    return { keyStdin: true };
  },
};
const wayNames = Object.keys(ways) as (keyof typeof ways)[];

async function refusal(options: KeyOptions & ReplaceOptions): Promise<string> {
  const error = await readGivenKey(options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ exitCode: 64 });
  return String(error);
}

describe.each(wayNames)("a key by %s", (way) => {
  const give = ways[way];

  test("is taken unchanged", async () => {
    expect(await readGivenKey(give(canary))).toBe(canary);
  });

  test.each([
    ["blanks around it", ` ${canary} `, "has a blank around it"],
    ["a tab behind it", `${canary}\t`, "has a blank around it"],
    ["a blank inside", `${canary.slice(0, 30)} ${canary.slice(30)}`, "has a blank inside"],
    ["quotes", `"${canary}"`, "has a quote around it"],
    ["single quotes", `'${canary}'`, "has a quote around it"],
    ["a line break before it", `\n${canary}`, "has a line break around it"],
    ["two line breaks behind it", `${canary}\n\n`, "has a line break around it"],
    ["another provider's form", "sk-ant-REDACTED", "does not begin with sk-or-v1-"],
    ["the placeholder", "sk-or-v1-…", "is shortened"],
    ["too little", "sk-or-v1-abc", "is not of the form"],
    ["nothing", "", "is empty"],
    ["blanks alone", "  ", "is empty"],
  ])("is refused with %s, before anything is changed", async (_, key, reason) => {
    const told = await refusal(give(key));
    expect(told).toContain(reason);
    expect(told).toContain("Nothing was changed.");
    // At most the first 12 characters are shown, of whatever it was.
    const shown = key.trim().replace(/["']/g, "");
    if (shown.length > 12) expect(told).not.toContain(shown.slice(0, 13));
    expect(told).not.toContain(canary.slice(-12));
  });
});

test("the line break at the end of a file or a pipe is not the key's; a variable has none by itself", async () => {
  for (const end of ["\n", "\r\n"]) {
    expect(await readGivenKey(ways.file(`${canary}${end}`))).toBe(canary);
    expect(await readGivenKey(ways.stdin(`${canary}${end}`))).toBe(canary);
    expect(await refusal(ways.variable(`${canary}${end}`))).toContain("has a line break around it");
    delete process.env.OPENROUTER_API_KEY;
  }
});

test("the message names where it came from, and how to take that away if it is a variable", async () => {
  const variable = await refusal(ways.variable("x"));
  expect(variable).toContain("key from OPENROUTER_API_KEY ");
  expect(variable).toContain("unset OPENROUTER_API_KEY");
  delete process.env.OPENROUTER_API_KEY;
  const file = await refusal(ways.file("x"));
  expect(file).toContain(`key from ${join(folder, "key")} `);
  expect(file).not.toContain("unset");
  expect(await refusal(ways.stdin("x"))).toContain("key from --key-stdin ");
});

test("a file that is not there is wrong usage", async () => {
  const keyFile = join(folder, "none");
  expect(await refusal({ keyFile })).toMatch(/cannot be read[\s\S]*no such file/);
});

test("to replace a key takes one", async () => {
  expect(await refusal({ replaceKey: true })).toContain("--replace-key needs the key");
  expect(await readGivenKey({ ...ways.file(canary), replaceKey: true })).toBe(canary);
});

test("what is named on the command line goes before the variable", async () => {
  ways.variable("not a key");
  expect(await readGivenKey(ways.file(canary))).toBe(canary);
  expect(await readGivenKey(ways.stdin(canary))).toBe(canary);
});

test("none given, and nobody to ask: none", async () => {
  Object.defineProperty(process, "stdin", { value: Readable.from([]), configurable: true });
  expect(await readGivenKey({})).toBeUndefined();
});
