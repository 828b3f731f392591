// Writes the published types of Zod schemas as plain types. Zod's own types compile only with options that the CDKTF CLI's app
// template does not set.
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias;

/**
 * Replaces the types that tsc wrote for files with Zod: a schema becomes the input and output types of its `parse`.
 * @param {string} root the checkout, compiled by tsconfig.package.json
 */
export function writeOutTypes(root) {
  const config = ts.getParsedCommandLineOfConfigFile(join(root, "tsconfig.package.json"), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (problem) => {
      throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, "\n"));
    },
  });
  const program = ts.createProgram(config.fileNames, config.options);
  const checker = program.getTypeChecker();
  for (const file of program.getSourceFiles()) {
    if (file.isDeclarationFile) continue;
    const emitted = join(config.options.outDir, relative(config.options.rootDir, file.fileName));
    const target = emitted.replace(/\.ts$/, ".d.ts");
    // Not by the source: a file that names Zod only in its code keeps its types, and the imports that they need.
    if (!/from "zod"/.test(readFileSync(target, "utf8"))) continue;
    const declarations = file.statements
      .filter(isPublished)
      .map((node) => declare(checker, file, node))
      // A table of schemas is the program's own too.
      .filter((declaration) => !/\bz\.Zod/.test(declaration));
    writeFileSync(target, `${declarations.join("\n")}\n`);
  }
}

/** Functions of these files are the program's own: no published signature names them. */
function isPublished(node) {
  const isExported = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  return isExported && !ts.isFunctionDeclaration(node);
}

function declare(checker, file, node) {
  // A generic type names others by itself.
  if (node.typeParameters) return node.getText(file);
  const comment = file.text.slice(node.getFullStart(), node.getStart(file)).trim();
  const [name, type] = ts.isVariableStatement(node)
    ? variable(checker, node.declarationList.declarations[0])
    : named(checker, node);
  return `${comment}${comment && "\n"}export ${name} ${type}`;
}

function named(checker, node) {
  const type = checker.getTypeAtLocation(node);
  const isObject = (type.flags & ts.TypeFlags.Object) !== 0;
  return isObject
    ? [`interface ${node.name.text}`, members(checker, type, node)]
    : [`type ${node.name.text} =`, `${checker.typeToString(type, node, flags)};`];
}

function variable(checker, node) {
  const name = `declare const ${node.name.text}:`;
  const type = checker.getTypeAtLocation(node);
  const parse = type.getProperty("parse");
  if (!parse) return [name, `${checker.typeToString(type, node, flags)};`];
  const [signature] = checker.getTypeOfSymbolAtLocation(parse, node).getCallSignatures();
  return [name, `{ parse(value: unknown): ${members(checker, signature.getReturnType(), node)} };`];
}

function nameOf({ name }) {
  return /^\w+$/.test(name) ? name : JSON.stringify(name);
}

function members(checker, type, node) {
  const lines = checker.getPropertiesOfType(type).map((property) => {
    const optional = property.flags & ts.SymbolFlags.Optional ? "?" : "";
    const of = checker.typeToString(checker.getTypeOfSymbolAtLocation(property, node), node, flags);
    const comment = ts.displayPartsToString(property.getDocumentationComment(checker));
    return `${comment && `    /** ${comment} */\n`}    ${nameOf(property)}${optional}: ${of};`;
  });
  return `{\n${lines.join("\n")}\n}`;
}
