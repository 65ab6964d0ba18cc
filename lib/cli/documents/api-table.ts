import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type * as typescript from "@tslab/typescript-for-tslab";
import { projectRoot } from "../../core/paths";

/** One export of the public surface. */
interface ApiEntry {
  /** As it is called, such as "backbone(recipe, changes?)", or "type Model". */
  readonly heading: string;
  /** The first sentence of its doc comment. */
  readonly summary: string;
}

/**
 * The public surface as Markdown: the headings of `index`, a file like lib/index.ts, each with a
 * table of what is exported under it. Throws Error if an export has no doc comment.
 */
export function apiTable(index: string = join(projectRoot(), "lib", "index.ts")): string {
  const read = reader();
  const { statements, text } = read(index);
  const sections = text.split(/^\/\/ # /m).slice(1);
  let end = text.indexOf("// # ");
  return sections
    .map((section) => {
      const start = end;
      end += "// # ".length + section.length;
      const within = statements.filter((statement) => statement.getStart() > start && statement.end <= end);
      const entries = within.flatMap((statement) => entriesOf(statement, index, read));
      return `### ${section.slice(0, section.indexOf("\n")).trim()}\n\n${tableOf(entries)}`;
    })
    .join("\n\n");
}

function tableOf(entries: readonly ApiEntry[]): string {
  const lines = entries.map(({ heading, summary }) => `| \`${heading}\` | ${summary.replaceAll("|", "\\|")} |`);
  return ["| export | what it is |", "|---|---|", ...lines].join("\n");
}

type Reader = (path: string) => typescript.SourceFile;

/** Loads the compiler that runs notebooks: TypeScript 7 offers no interface to its parser. */
function compiler(): typeof typescript {
  const ofNotebooks = createRequire(createRequire(__filename).resolve("tslab"));
  return ofNotebooks("@tslab/typescript-for-tslab") as typeof typescript;
}

function reader(): Reader {
  const { createSourceFile, ScriptTarget } = compiler();
  const files = new Map<string, typescript.SourceFile>();
  return (path) => {
    const known = files.get(path) ?? createSourceFile(path, readFileSync(path, "utf8"), ScriptTarget.ES2022, true);
    files.set(path, known);
    return known;
  };
}

/** The exports of `export { a, type B } from "./file"`. */
function entriesOf(statement: typescript.Statement, index: string, read: Reader): readonly ApiEntry[] {
  const { isExportDeclaration, isNamedExports, isStringLiteral } = compiler();
  if (!isExportDeclaration(statement)) return [];
  const { exportClause, moduleSpecifier } = statement;
  if (!(exportClause && isNamedExports(exportClause) && moduleSpecifier && isStringLiteral(moduleSpecifier))) return [];
  const source = read(join(dirname(index), `${moduleSpecifier.text}.ts`));
  return exportClause.elements.map(({ name }) => entryOf(name.text, source));
}

function entryOf(name: string, source: typescript.SourceFile): ApiEntry {
  const declaration = source.statements.find((statement) => declares(statement, name));
  if (declaration === undefined) throw new Error(`${source.fileName}: no export is called ${name}`);
  const comment = docComment(declaration);
  if (comment === "") throw new Error(`${source.fileName}: the export ${name} has no doc comment`);
  const [, first = comment] = /^(.*?\.)(?:\s|$)/s.exec(comment) ?? [];
  return { heading: headingOf(declaration, name), summary: first.replace(/\s+/g, " ") };
}

/** Whether a statement exports `name`, or, for names that stand for others, lists it. */
function declares(statement: typescript.Statement, name: string): boolean {
  const { isExportDeclaration, isNamedExports, isVariableStatement, canHaveModifiers, getModifiers, SyntaxKind } =
    compiler();
  if (isExportDeclaration(statement)) {
    const { exportClause } = statement;
    return (
      exportClause !== undefined &&
      isNamedExports(exportClause) &&
      exportClause.elements.some((e) => e.name.text === name)
    );
  }
  const modifiers = canHaveModifiers(statement) ? (getModifiers(statement) ?? []) : [];
  if (!modifiers.some(({ kind }) => kind === SyntaxKind.ExportKeyword)) return false;
  const declared = isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
  return declared.some((each) => (each as { readonly name?: typescript.Node }).name?.getText() === name);
}

function docComment(declaration: typescript.Statement): string {
  const { getTextOfJSDocComment } = compiler();
  const { jsDoc = [] } = declaration as { readonly jsDoc?: readonly typescript.JSDoc[] };
  return getTextOfJSDocComment(jsDoc.at(-1)?.comment)?.trim() ?? "";
}

function headingOf(declaration: typescript.Statement, name: string): string {
  const { isFunctionDeclaration, isInterfaceDeclaration, isTypeAliasDeclaration } = compiler();
  if (isFunctionDeclaration(declaration)) return `${name}(${declaration.parameters.map(parameterText).join(", ")})`;
  return isInterfaceDeclaration(declaration) || isTypeAliasDeclaration(declaration) ? `type ${name}` : name;
}

/** A parameter as a reader needs it: names, with a question mark where it may be left out. */
function parameterText({ name, questionToken, initializer }: typescript.ParameterDeclaration): string {
  const optional = questionToken !== undefined || initializer !== undefined ? "?" : "";
  const { isObjectBindingPattern } = compiler();
  if (!isObjectBindingPattern(name)) return `${name.getText()}${optional}`;
  const members = name.elements.map((element) => {
    const shown = (element.propertyName ?? element.name).getText();
    return element.dotDotDotToken ? `...${shown}` : `${shown}${element.initializer ? "?" : ""}`;
  });
  return `{ ${members.join(", ")} }${optional}`;
}
