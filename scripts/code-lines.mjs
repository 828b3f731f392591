// Counts the lines of code by folder: those with a token that is no comment and no import. `node scripts/code-lines.mjs [FOLDER…]`
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** @returns the lines of a TypeScript file that hold code */
function codeLines(path) {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const lines = new Set();
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isJSDoc(node)) return;
    const children = node.getChildren(file);
    if (children.length > 0) return children.forEach(visit);
    if (node.kind === ts.SyntaxKind.EndOfFileToken) return;
    const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
    const last = file.getLineAndCharacterOfPosition(node.getEnd()).line;
    for (let line = first; line <= last; line++) lines.add(line);
  };
  visit(file);
  return lines.size;
}

const folders = process.argv.length > 2 ? process.argv.slice(2) : ["lib", "scripts"];
const counts = new Map();
for (const folder of folders)
  for (const name of readdirSync(folder, { recursive: true }).filter((name) => /\.[cm]?[jt]s$/.test(name))) {
    const parent = dirname(join(folder, name));
    counts.set(parent, (counts.get(parent) ?? 0) + codeLines(join(folder, name)));
  }
const total = [...counts.values()].reduce((sum, lines) => sum + lines, 0);
for (const [folder, lines] of [...counts].sort(([, a], [, b]) => b - a))
  console.log(`${String(lines).padStart(6)}  ${((100 * lines) / total).toFixed(1).padStart(4)} %  ${folder}`);
console.log(`${String(total).padStart(6)}  total`);
