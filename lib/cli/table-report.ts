import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { projectRoot, resultsFolder } from "../core/paths";
import type { ExecutedNotebook } from "./execute-notebook";

/** A table in Markdown, and where everything of it is. */
export function tableReport(
  table: string,
  scale: string,
  { notebook, html }: Pick<ExecutedNotebook, "notebook" | "html">,
): string {
  const folder = join(resultsFolder(), scale);
  const markdown = join(folder, `${table}.md`);
  const files = [
    ["executed notebook", notebook],
    ["as HTML", html],
    ["result", join(folder, `${table}.json`)],
    ["table", markdown],
    ...figures(folder, table).map((path) => ["figure", path] as const),
  ] as const;
  const lines = files.map(([what, path]) => `${what.padEnd(18)} ${relative(projectRoot(), path)}`);
  return `\n${readFileSync(markdown, "utf8").trim()}\n\n${lines.join("\n")}`;
}

/** The images beside a result that belong to its table: <table>.png, <table>-loss.svg and the like, or in a folder <table>/. */
function figures(folder: string, table: string): readonly string[] {
  const isImage = (name: string): boolean => /\.(png|svg)$/.test(name);
  const inside = join(folder, table);
  const beside = readdirSync(folder).filter((name) => isImage(name) && /^[.-]/.test(name.slice(table.length)));
  const nested = existsSync(inside) ? readdirSync(inside).filter(isImage) : [];
  const own = beside.filter((name) => name.startsWith(table)).map((name) => join(folder, name));
  return [...own, ...nested.map((name) => join(inside, name))].sort();
}
