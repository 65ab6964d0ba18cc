import type { Verdict } from "../claims/verdict";
import { type AnyResult, isOfLanguage } from "../experiments/language/language-result";
import { fuzzMarkdown, tortureMarkdown } from "./attacks";
import { claimsPage, claimsSummary, type NotebookLinks } from "./claims/claims-markdown";
import { resultSection, resultSummary } from "./markdown";
import type { Figure } from "./plot/figure";
import { figureOf, mainFigureOf } from "./save-result";
import { markdownLine } from "./text/markdown-table";

/** The programs that attack the project, and keep a record. */
type AttackName = "fuzz" | "torture";

/** Where a document's generated sections come from. */
interface DocumentSources {
  /** The result by "scale/table"; throws if there is none. */
  readonly resultOf: (name: string) => AnyResult;
  /** The tables that have a result at a scale, in the order in which they are shown. */
  readonly tablesAt: (scale: string) => readonly string[];
  /** The main result on every dataset. */
  readonly datasets: () => Figure;
  /** The benchmark as Markdown. */
  readonly bench: () => string;
  /** The record of `npm run fuzz` or `npm run torture`; null before the first. */
  readonly attack: (name: AttackName) => { readonly path: string; readonly text: string } | null;
  /** The verdicts on all claims. */
  readonly verdicts: () => readonly Verdict[];
  /** The choices that were made by looking at results, as Markdown. */
  readonly trials: () => string;
  /** The exports of the library as Markdown. */
  readonly api: () => string;
  /** The file of a table's notebook, such as "01-main.ipynb". */
  readonly notebookOf: (table: string) => string;
  /** The way from the document to the repository's root, "." or "..", for links. */
  readonly root: string;
}

/**
 * A Markdown document with its generated sections brought up to date; everything else stays. A
 * section is what stands between a line with its marker and the line `<!-- end -->`. Markers are
 * `<!-- summary scale/table -->` for a table at a glance, `<!-- results scale -->` for every table
 * of a scale with its figure, `<!-- datasets -->` for the main result on every dataset,
 * `<!-- bench -->` for the benchmark, `<!-- fuzz -->` for what was fed
 * to the parsers, `<!-- torture -->` for what was killed, damaged and run at once,
 * `<!-- claims -->` for the verdicts on publications' claims and `<!-- evidence -->` for all that
 * those on all claims rest on, `<!-- trials -->` for choices made by results, and `<!-- api -->`
 * for the library's exports. Throws if a section does not end, or on another marker.
 */
export function documentWithResults(document: string, sources: DocumentSources): string {
  const [start = "", ...pieces] = document.split(/^<!-- (.*) -->$/m);
  const parts = [start];
  for (let i = 0; i < pieces.length; i += 4) {
    const [marker = "", , end, following = ""] = pieces.slice(i, i + 4);
    if (marker === "end") throw new Error("an <!-- end --> ends no section");
    if (end !== "end") throw new Error(`the section <!-- ${marker} --> has no <!-- end -->`);
    parts.push(`<!-- ${marker} -->\n${wrapped(section(marker, sources))}\n<!-- end -->${following}`);
  }
  return parts.join("");
}

function section(marker: string, sources: DocumentSources): string {
  const [, kind, name = ""] = /^(\w+)(?: (\S+))?$/.exec(marker) ?? [];
  if (marker === "bench") return sources.bench();
  if (marker === "datasets") return figureLink(sources.datasets(), `${sources.root}/results/datasets.png`);
  if (marker === "api") return sources.api();
  if (marker === "claims") return claimsSummary(sources.verdicts(), notebookLinks(sources));
  if (marker === "evidence") return claimsPage(sources.verdicts(), notebookLinks(sources));
  if (marker === "trials") return sources.trials();
  if (marker === "fuzz" || marker === "torture") return attackSection(marker, sources);
  if (kind === "summary" && name !== "") return summaryOf(sources.resultOf(name));
  if (kind === "results" && name !== "") return allTables(name, sources);
  const known =
    "summary <scale>/<table>, results <scale>, datasets, claims, evidence, trials, bench, fuzz, torture or api";
  throw new Error(`<!-- ${marker} -->: expected ${known}`);
}

function notebookLinks({ root, notebookOf }: DocumentSources): NotebookLinks {
  const numberOf = (table: string): string => notebookOf(table).slice(0, 2);
  return { numberOf, linkOf: (table) => `[${numberOf(table)}](${root}/notebooks/${notebookOf(table)})` };
}

function summaryOf(result: AnyResult): string {
  return isOfLanguage(result) ? resultSection(result) : resultSummary(result);
}

const attacks = { fuzz: fuzzMarkdown, torture: tortureMarkdown };

function attackSection(name: AttackName, sources: DocumentSources): string {
  const record = sources.attack(name);
  return record === null ? "No run is recorded yet." : attacks[name](record.text, record.path);
}

function allTables(scale: string, sources: DocumentSources): string {
  const tables = sources.tablesAt(scale);
  if (tables.length === 0) throw new Error(`<!-- results ${scale} -->: no table has a result at this scale`);
  return tables.map((table) => titledSection(sources.resultOf(`${scale}/${table}`), sources)).join("\n\n");
}

/** A table under its title, with its notebook above it and its figure below. */
function titledSection(result: AnyResult, { root, notebookOf }: DocumentSources): string {
  const { title, scale, table } = result;
  const figure = figureLink(figureOf(result), `${root}/results/${scale}/${table}-${mainFigureOf(result)}.png`);
  const notebook = `Notebook: [${notebookOf(table)}](${root}/notebooks/${notebookOf(table)}).`;
  return [`### ${markdownLine(title)}`, notebook, resultSection(result), figure].join("\n\n");
}

/** A picture, with the figure in words for those who do not see it. */
export function figureLink({ layout }: Figure, path: string): string {
  return `![${markdownLine(layout.meta?.alt ?? "").replace(/[[\]]/g, "\\$&")}](${path})`;
}

const width = 120;

/** Paragraphs and list items broken at `width` columns; headings and tables are kept. */
function wrapped(markdown: string): string {
  return markdown
    .split("\n")
    .map((line) => (/^[#|]/.test(line) ? line : wrappedLine(line)))
    .join("\n");
}

/** Never begins a line with a word that Markdown reads as a list item, a heading or a quotation. */
function wrappedLine(text: string): string {
  const indent = text.startsWith("- ") ? "  " : "";
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    const fits = line === undefined || line.length + 1 + word.length <= width || /^([-+*>#]+|\d+[.)])$/.test(word);
    if (line === undefined) lines.push(word);
    else if (fits) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(indent + word);
  }
  return lines.join("\n");
}
