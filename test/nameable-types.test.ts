import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import type * as typescript from "@tslab/typescript-for-tslab";
import { expect, test } from "vitest";
import { projectRoot } from "../lib/core/paths";

const compiler = createRequire(createRequire(__filename).resolve("tslab"))(
  "@tslab/typescript-for-tslab",
) as typeof typescript;
const library = join(projectRoot(), "lib");

function parsed(path: string): typescript.SourceFile {
  return compiler.createSourceFile(path, readFileSync(path, "utf8"), compiler.ScriptTarget.ES2022, true);
}

function isExported(statement: typescript.Statement): boolean {
  const modifiers = compiler.canHaveModifiers(statement) ? (compiler.getModifiers(statement) ?? []) : [];
  return modifiers.some(({ kind }) => kind === compiler.SyntaxKind.ExportKeyword);
}

/** What a statement declares under a name: the types of values, a type itself; nothing under another name. */
function declaredTypes(statement: typescript.Statement, name: string): readonly (typescript.Node | undefined)[] {
  if (compiler.isVariableStatement(statement)) {
    const { declarations } = statement.declarationList;
    return declarations.filter((each) => each.name.getText() === name).map(({ type }) => type);
  }
  if ((statement as { readonly name?: typescript.Node }).name?.getText() !== name) return [];
  return [compiler.isFunctionDeclaration(statement) ? statement.type : statement];
}

/** The names in a type; an interface need not name those that it extends. */
function namesIn(node: typescript.Node): readonly string[] {
  if (compiler.isHeritageClause(node)) return [];
  const own = compiler.isTypeReferenceNode(node) ? [node.typeName.getText()] : [];
  const inner: string[] = [];
  compiler.forEachChild(node, (child) => void inner.push(...namesIn(child)));
  return [...own, ...inner];
}

/** The file and the name behind an imported name; null if it is of no file of the library. */
function importOf(source: typescript.SourceFile, name: string): readonly [string, string] | null {
  for (const { importClause, moduleSpecifier } of source.statements.filter(compiler.isImportDeclaration)) {
    const { namedBindings } = importClause ?? {};
    const place = (moduleSpecifier as typescript.StringLiteral).text;
    if (!(namedBindings && compiler.isNamedImports(namedBindings) && place.startsWith("."))) continue;
    const found = namedBindings.elements.find((element) => element.name.text === name);
    if (found) return [`${join(dirname(source.fileName), place)}.ts`, (found.propertyName ?? found.name).text];
  }
  return null;
}

/** The types behind a name that its file does not export. */
function unnameable(path: string, name: string, seen: Set<string>): readonly string[] {
  const key = `${relative(library, path)} ${name}`;
  if (seen.has(key)) return [];
  seen.add(key);
  const source = parsed(path);
  const declaring = source.statements.filter((statement) => declaredTypes(statement, name).length > 0);
  if (declaring.length === 0) {
    const imported = importOf(source, name);
    return imported === null ? [] : unnameable(...imported, seen);
  }
  const types = declaring.flatMap((statement) => declaredTypes(statement, name));
  const inner = types.flatMap((type) => (type === undefined ? [] : namesIn(type)));
  const hidden = declaring.some(isExported) ? [] : [key];
  return [...hidden, ...inner.flatMap((each) => unnameable(path, each, seen))];
}

// A cell's variables are exported, and the kernel refuses one whose type has a name that is nowhere exported.
test("a notebook can keep in a variable whatever the library's functions return", () => {
  const seen = new Set<string>();
  const exports = parsed(join(library, "index.ts")).statements.filter(compiler.isExportDeclaration);
  const hidden = exports.flatMap(({ exportClause, moduleSpecifier }) => {
    const path = `${join(library, (moduleSpecifier as typescript.StringLiteral).text)}.ts`;
    return (exportClause as typescript.NamedExports).elements.flatMap(({ name }) => unnameable(path, name.text, seen));
  });
  expect(hidden).toEqual([]);
  expect(seen.size).toBeGreaterThan(150);
});
