import type { LanguageResult } from "../experiments/language/language-result";
import { resultColumns, withGroupsOnce } from "./text/columns";
import { markdownLine, markdownTable } from "./text/markdown-table";
import { noteList, runLine, titleLine } from "./text/result-lines";

/**
 * The result of a table of language models as a Markdown document: its rows, how to read them, what
 * the paper reports of its own updates, and the run.
 */
export function languageMarkdown(result: LanguageResult): string {
  const reported = result.reported.length === 0 ? [] : ["## Published numbers", publishedUpdates(result)];
  return `${[`# ${markdownLine(result.title)}`, ...partsOf(result), ...reported, runLine(result)].join("\n\n")}\n`;
}

/** The same as a part of another document, without the published numbers. */
export function languageSection(result: LanguageResult): string {
  return [...partsOf(result), runLine(result)].join("\n\n");
}

function partsOf(result: LanguageResult): readonly string[] {
  const table = markdownTable(withGroupsOnce(resultColumns(result), result.rows), ["row"]);
  return [titleLine(result), table, ...noteList([...result.notes, countsOf(result)])];
}

/**
 * What the paper reports, on other tasks and far larger models, in percent and points, as Markdown.
 */
export function publishedUpdates({ reported }: LanguageResult): string {
  const column = (name: string, key: "v1" | "v2" | "muscle" | "negative" | "change") => ({
    name,
    cells: reported.map((update) => (key === "change" ? signed(update[key]) : update[key].toFixed(2))),
  });
  const columns = [
    { name: "task", cells: reported.map(({ task }) => task) },
    { name: "update", cells: reported.map(({ update }) => update) },
    column("v1 (%)", "v1"),
    column("v2 (%)", "v2"),
    column("MUSCLE (%)", "muscle"),
    column("v2's NFR (%)", "negative"),
    column("NFR less v2's (points)", "change"),
  ];
  return markdownTable(columns, ["update"]);
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

function countsOf({ rows }: LanguageResult): string {
  const total = (key: "ties" | "cut"): number => rows.reduce((sum, row) => sum + row[key], 0);
  return `Over all rows, ${total("ties")} questions had several likeliest choices (the first was taken), and ${total("cut")} prompts lost their beginning.`;
}
