import type { TableResult } from "../experiments/result";
import { resultSection } from "./markdown";

/**
 * A Markdown document whose tables stand between `<!-- result scale/table -->` and `<!-- end -->`, brought up to date. `resultOf`
 * gives the result by that name. Throws where a section has no end.
 */
export function documentWithResults(document: string, resultOf: (name: string) => TableResult): string {
  const unended = /^(<!-- result \S+ -->)(?![\s\S]*<!-- end -->)/m.exec(document);
  if (unended !== null) throw new Error(`the section ${unended[1]} has no <!-- end -->`);
  return document.replace(/^<!-- result (\S+) -->$[\s\S]*?^<!-- end -->$/gm, (_, name: string) => {
    return `<!-- result ${name} -->\n${resultSection(resultOf(name))}\n<!-- end -->`;
  });
}
