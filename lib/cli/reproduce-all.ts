import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { cacheFolder, projectRoot } from "../core/paths";
import { clock } from "../core/progress";
import { pendingOf } from "../core/step";
import { scaleOf } from "../experiments/scale";
import type { Table } from "../experiments/table";
import { requestsOf, turnsOf } from "../experiments/table-work";
import { type ExecutedNotebook, executeNotebook, interrupted } from "./execute-notebook";

/** How all notebooks are executed. */
export interface AllChoices {
  readonly scale: string;
  readonly seeds: number | null;
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** A notebook without a table of its own, which looks closer at the main table's models. */
const exploring = "11-explore";

interface Outcome {
  readonly notebook: string;
  /** Pieces of work that the cache lacked at first. */
  readonly pieces: number;
  readonly seconds: number;
  readonly executed: ExecutedNotebook;
}

/** Executes the notebooks of all tables, says at the end what ran anew or from the cache and what failed and why; gives the exit status. */
export async function reproduceAll(wanted: readonly Table[], choices: AllChoices): Promise<number> {
  const notebooks = [...new Set([...wanted.map(({ notebook }) => notebook), exploring])];
  const outcomes: Outcome[] = [];
  for (const [index, notebook] of notebooks.entries()) {
    const pieces = piecesToMake(
      wanted.filter((table) => table.notebook === notebook),
      choices,
    );
    console.error(`\nnotebook ${index + 1}/${notebooks.length}: ${notebook}, ${piecesText(pieces)}`);
    const start = performance.now();
    const executed = await executeNotebook(notebook, choices);
    outcomes.push({ notebook, pieces, seconds: (performance.now() - start) / 1000, executed });
    if (executed.status === interrupted) break;
  }
  console.log(`\n${outcomes.map(outcomeLine).join("\n")}`);
  const left = notebooks.length - outcomes.length;
  if (left > 0) console.log(`not begun: ${notebooks.slice(outcomes.length).join(", ")}; the same command goes on`);
  return Math.max(0, ...outcomes.map(({ executed }) => executed.status));
}

function piecesToMake(tables: readonly Table[], { scale, seeds, settings }: AllChoices): number {
  const requests = tables.flatMap((table) => requestsOf(turnsOf(table, scale, scaleOf(table, { scale, seeds }).seeds)));
  const none = join(cacheFolder(), "none");
  return pendingOf(requests, settings.FCT_FORCE === "1" || !existsSync(cacheFolder()) ? none : cacheFolder()).length;
}

function piecesText(pieces: number): string {
  return pieces === 0 ? "all from the cache" : `${pieces} ${pieces === 1 ? "piece" : "pieces"} of work to do`;
}

function outcomeLine({ notebook, pieces, seconds, executed }: Outcome): string {
  const how = pieces === 0 ? "from the cache" : `anew, ${pieces} pieces`;
  const ended = executed.failure === null ? how : `FAILED: ${executed.failure}`;
  const place = executed.failure === null ? `  ${relative(projectRoot(), executed.html)}` : "";
  return `${notebook.padEnd(24)} ${clock(seconds).padStart(8)}  ${ended}${place}`;
}
