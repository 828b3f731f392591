import { readFileSync } from "node:fs";
import ts from "typescript";
import { sources } from "./support/sources";

/** What a fix may begin with instead of a sentence, and end with after a colon: a command, or a value to copy. */
const toCopy =
  /^(openclaw(-openrouter)?|sudo|docker|chmod|unset|export|cat|vault|apt-get|rm|kill|journalctl|ssh?|df|npm|ansible-inventory|chown|env|terraform|iptables|https:|docs\/|--[a-z]|-addext|["`{…])/;

/** Why a fix does not read like the others. */
function problemsOf(fix: string): string[] {
  const last = fix.split("\n").at(-1)!;
  const end = last.split(/(?<=[:;,]) /).at(-1)!;
  const isCommand = toCopy.test(end) || /\bopenclaw-openrouter( [\w…-]+)+$/.test(last);
  return [
    ...(/^[A-Z]/.test(fix) || toCopy.test(fix)
      ? []
      : ["begins neither with a capital letter nor with a command"]),
    ...(/[.)…`]$/.test(last) || isCommand ? [] : ["ends neither with a full stop nor with a command"]),
  ];
}

/** The texts that an expression can have; what is not known before it runs is an ellipsis. */
function textsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join("")];
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (!ts.isBinaryExpression(node)) return [];
  const [left, right] = [textsOf(node.left), textsOf(node.right)];
  const isSum = node.operatorToken.kind === ts.SyntaxKind.PlusToken;
  return isSum ? left.flatMap((begin) => right.map((end) => begin + end)) : [...left, ...right];
}

/** Each text of an option `fix` in a file. */
function fixesIn(file: string): string[] {
  const text = readFileSync(file, "utf8");
  if (!text.includes("fix:")) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isPropertyAssignment(node) && node.name.getText(source) === "fix")
      found.push(...textsOf(node.initializer));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test("a fix is a command, or a sentence with its capital letter and its full stop", () => {
  // Those of settings with a secret get their full stop where they are used.
  const files = sources("lib").filter((file) => file !== "lib/config/secrets.ts");
  const fixes = files.flatMap((file) => fixesIn(file).map((fix) => ({ file, fix })));
  expect(fixes.length).toBeGreaterThan(300);
  expect(
    fixes.flatMap(({ file, fix }) => problemsOf(fix).map((problem) => `${file}: ${fix}: ${problem}`)),
  ).toEqual([]);
});

test("that is seen", () => {
  expect(problemsOf("load the image")).toHaveLength(2);
  expect(problemsOf("openclaw-openrouter state adopt\nwhich resumes it")).toHaveLength(1);
  expect(problemsOf("Find out whose it is, then: docker rm -f vault")).toEqual([]);
  expect(problemsOf("Move it away, then run openclaw-openrouter drift --fix")).toEqual([]);
});
