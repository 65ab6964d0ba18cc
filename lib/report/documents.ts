import type { TableResult } from "../experiments/results/result";
import { resultSection } from "./markdown";
import { mainFigureOf } from "./save-result";
import { markdownLine } from "./text/markdown-table";

/** Where a document's results come from. */
interface DocumentSources {
  /** The result by "scale/table". */
  readonly resultOf: (name: string) => TableResult;
  /** The tables that have a result at a scale, in the order in which they are to stand. */
  readonly tablesAt: (scale: string) => readonly string[];
  /** The benchmark as Markdown. */
  readonly bench: () => string;
}

/**
 * A Markdown document brought up to date: `<!-- result scale/table -->` up to `<!-- end -->` holds one table, `<!-- results scale -->`
 * up to `<!-- end -->` every table of the scale with its title and figure, `<!-- bench -->` the benchmark. Throws where a section has no end.
 */
export function documentWithResults(document: string, { resultOf, tablesAt, bench }: DocumentSources): string {
  const unended = /^(<!-- (?:results? \S+|bench) -->)(?![\s\S]*<!-- end -->)/m.exec(document);
  if (unended !== null) throw new Error(`the section ${unended[1]} has no <!-- end -->`);
  const measured = document.replace(
    /^<!-- bench -->$[\s\S]*?^<!-- end -->$/m,
    () => `<!-- bench -->\n${bench()}\n<!-- end -->`,
  );
  return measured.replace(
    /^<!-- (results?) (\S+) -->$[\s\S]*?^<!-- end -->$/gm,
    (_, kind: "result" | "results", name: string) => {
      const sections =
        kind === "result"
          ? [resultSection(resultOf(name))]
          : tablesAt(name).map((table) => titledSection(resultOf(`${name}/${table}`)));
      return [`<!-- ${kind} ${name} -->`, sections.join("\n\n"), "<!-- end -->"].join("\n");
    },
  );
}

/** A table under its title, its figure below it. */
function titledSection(result: TableResult): string {
  const { title, scale, table } = result;
  const alternative = markdownLine(title).replace(/[[\]]/g, "\\$&");
  const figure = `![${alternative}](results/${scale}/${table}-${mainFigureOf(result)}.png)`;
  return [`### ${markdownLine(title)}`, resultSection(result), figure].join("\n\n");
}
