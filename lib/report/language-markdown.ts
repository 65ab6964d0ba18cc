import type { LanguageResult, LanguageResultRow } from "../experiments/language/language-result";
import { markdownTable } from "./text/markdown-table";

type UpdateMetrics = LanguageResultRow["perSeed"][number];

const columns: Readonly<Record<string, keyof Omit<UpdateMetrics, "ties" | "cut">>> = {
  "score (%)": "score",
  "NFR (%)": "negative",
  "PFR (%)": "positive",
  "NFR_mc (%)": "inconsistent",
  "mean gain": "meanGain",
  "mean regression": "meanRegression",
};

/**
 * The result of a table of language models as Markdown: of each row the means over the seeds, and
 * the change of its NFR against v2's with its paired interval; then the notes, the
 * counts of ties and of prompts that were cut, and what the paper reports.
 */
export function languageMarkdown(result: LanguageResult): string {
  const { title, scale, dataset, seeds, rows, notes } = result;
  const cells = Object.entries(columns).map(([name, key]) => ({ name, cells: rows.map((row) => meanOf(row, key)) }));
  const change = rows.map(({ change: { mean, low, high } }) => `${signed(mean)} [${signed(low)}, ${signed(high)}]`);
  const table = markdownTable(
    [
      { name: "task, update", cells: rows.map(({ group }) => group) },
      { name: "adapter", cells: rows.map(({ label }) => label) },
      ...cells,
      { name: "NFR against v2's (points)", cells: change },
    ],
    ["adapter"],
  );
  const heading = `${title}. Scale \`${scale}\`: ${dataset}; seeds ${seeds.join(", ")}.`;
  const remarks = [...notes, countsOf(rows)].map((note) => `- ${note}`).join("\n");
  const reported = result.reported.length === 0 ? [] : ["Reported by the paper (percent):", reportedTable(result)];
  return `${[heading, table, remarks, ...reported].join("\n\n")}\n`;
}

/** What the paper reports, on other tasks and far larger models. */
function reportedTable({ reported }: LanguageResult): string {
  const column = (name: string, key: "v1" | "v2" | "muscle" | "negative" | "change") => ({
    name,
    cells: reported.map((update) => (key === "change" ? signed(update[key], 2) : update[key].toFixed(2))),
  });
  const columns = [
    { name: "task", cells: reported.map(({ task }) => task) },
    { name: "update", cells: reported.map(({ update }) => update) },
    column("v1", "v1"),
    column("v2", "v2"),
    column("MUSCLE", "muscle"),
    column("NFR", "negative"),
    column("NFR against v2's", "change"),
  ];
  return markdownTable(columns, ["update"]);
}

function meanOf({ perSeed }: LanguageResultRow, key: keyof UpdateMetrics): string {
  const values = perSeed.map((metrics) => metrics[key]).filter((value) => value !== null);
  if (values.length === 0) return "—";
  return (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(1);
}

function signed(value: number, decimals = 1): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(decimals)}`;
}

function countsOf(rows: readonly LanguageResultRow[]): string {
  const total = (key: "ties" | "cut"): number =>
    rows.reduce((sum, { perSeed }) => sum + perSeed.reduce((own, metrics) => own + metrics[key], 0), 0);
  return `Over all rows, ${total("ties")} questions had several likeliest choices (the first was taken), and ${total("cut")} prompts lost their beginning.`;
}
