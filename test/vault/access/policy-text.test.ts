import { Acl } from "../../../lib/vault/access/acl";
import { parsePolicy, UnreadablePolicy } from "../../../lib/vault/access/policy-text";
import { processorTime } from "../../support/regexps";

const path = "secret/data/openrouter";
const reads = 'capabilities = ["read"]';
const lists = '{"capabilities":["list"]}';

/** What a policy permits at the path of the key. */
function permitted(text: string): string {
  const found = new Acl([{ name: "x", rules: parsePolicy(text) }]).at(path);
  return [...(found?.capabilities ?? [])].sort().join();
}

// Vault 1.21.2 accepts each of them, and says the same of it.
test.each([
  ["a byte in hexadecimal digits", `path "\\x73ecret/data/openrouter" { ${reads} }`, "read"],
  ["a byte in octal digits", `path "\\163ecret/data/openrouter" { ${reads} }`, "read"],
  ["a character by its number", `path "\\u0073ecret/data/\\U0000006fpenrouter" { ${reads} }`, "read"],
  ["a capability with an escape", `path "${path}" { capabilities = ["\\x72ead"] }`, "read"],
  ["a name with an escape", `"p\\x61th" "${path}" { "capab\\x69lities" = ["read"] }`, "read"],
  ["bytes of one character", `path "secret/data/\\xc3\\xa9" { ${reads} }`, ""],
  ["a quote", `path "${path}\\"" { ${reads} }`, ""],
  ["JSON", `{"path":{"${path}":{"capabilities":["read"]}}}`, "read"],
  ["JSON with an escape of HCL", `{"path":{"\\x73ecret/data/openrouter":{"capabilities":["read"]}}}`, "read"],
  [
    "JSON with a path twice",
    `{"path":{"${path}":{"capabilities":["read"]},"${path}":${lists}}}`,
    "list,read",
  ],
  [
    "JSON with all paths twice",
    `{"path":{"${path}":{"capabilities":["read"]}},"path":{"x":${lists}}}`,
    "read",
  ],
  [
    "JSON with the capabilities twice",
    `{"path":{"${path}":{"capabilities":["read"],"capabilities":["list"]}}}`,
    "list,read",
  ],
  ["JSON with a list of paths", `{"path":[{"x":${lists}},{"${path}":{"capabilities":["read"]}}]}`, "read"],
  [
    "JSON, which a text follows",
    `{"path":{"${path}":{"capabilities":["read"]}}} path "${path}" { capabilities = ["deny"] }`,
    "read",
  ],
])("%s", (_name, text, expected) => {
  expect(permitted(text)).toBe(expected);
});

test("an interpolation, in which a quote ends no text, is reported as unreadable", () => {
  const hiding = `path "a\${"# }" { capabilities = ["list"] } path "${path}" { ${reads} }\npath "z" { ${reads} }`;
  expect(() => parsePolicy(hiding)).toThrow(UnreadablePolicy);
});

test("a heredoc ends at a line that is its mark alone, which may be the first one", () => {
  const policy = (heredoc: string) => `comment = <<EOT\n${heredoc}\npath "${path}" { ${reads} }`;
  for (const heredoc of ["EOT", "  EOT", "text\n\tEOT", "not EOT\n path EOT\nEOT", "\n\nEOT"])
    expect([heredoc, permitted(policy(heredoc))]).toEqual([heredoc, "read"]);
});

describe("a policy by which somebody wants to keep others from reading it", () => {
  const length = 200_000;

  test.each([
    ["blanks in a heredoc", `a = <<X\n${" ".repeat(length)}y`],
    ["empty lines in a heredoc", `a = <<X\n${"\n".repeat(length)}y`],
    ["marks in a heredoc", `a = <<X\n${"X \n".repeat(length / 3)}y`],
    ["a comment without an end", `/*${" /*".repeat(length / 3)}`],
    ["lists in each other", `a = ${"[".repeat(length)}`],
    ["objects in each other", `a ${"{a = ".repeat(length / 5)}`],
  ])("is soon told to be unreadable: %s", (_, text) => {
    const taken = processorTime(() => expect(() => parsePolicy(text)).toThrow(UnreadablePolicy));
    expect(taken).toBeLessThan(2000);
  });
});
