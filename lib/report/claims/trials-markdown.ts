import { parseTrials, type RecordedTrial } from "../../experiments/results/trials";
import { markdownTable } from "../text/markdown-table";

/** results/trials.json as a table: what was chosen by results, among what, and on which images. */
export function trialsMarkdown(content: string, path: string): string {
  const trials = parseTrials(content, path);
  const column = (name: string, cell: (trial: RecordedTrial) => string) => ({ name, cells: trials.map(cell) });
  return markdownTable(
    [
      column("choice", ({ choice }) => choice),
      column("scale", ({ scale }) => scale),
      column("chosen", ({ chosen }) => chosen),
      column("tried", ({ values }) => values?.join("; ") ?? "not recorded"),
      column("number", ({ count }) => (count === null ? "not recorded" : String(count))),
      column("by", ({ metric }) => metric ?? "not recorded"),
      column("seeds", ({ seeds }) => seeds?.join(", ") ?? "not recorded"),
      column("images", ({ split }) => split),
      column("remark", ({ remark = "" }) => remark),
    ],
    ["scale", "chosen", "tried", "by", "images", "remark"],
  );
}
