import { join, relative } from "node:path";
import { cacheFolder, projectRoot } from "../../core/paths";
import { clock } from "../../core/progress";
import { graphOf, pendingOf } from "../../core/step";
import { scaleOf } from "../../experiments/run-options";
import type { Table } from "../../experiments/table";
import { requestsOf, seedRunsOf } from "../../experiments/table-work";
import { tables } from "../../tables/tables";
import { type ExecutedNotebook, executeNotebook, interrupted } from "./execute-notebook";

/** How all notebooks are executed. */
interface AllChoices {
  readonly scale: string;
  readonly seeds: number | null;
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** A notebook without a table of its own, which looks closer at the main table's models. */
const exploring = "11-explore";

interface Outcome {
  /** The table, or the exploring notebook. */
  readonly name: string;
  /** Pieces of work that the cache lacked at first. */
  readonly pieces: number;
  readonly seconds: number;
  readonly executed: ExecutedNotebook;
}

/** Executes the notebooks of all tables, says at the end what ran anew or from the cache and what failed and why; gives the exit status. */
export async function reproduceAll(
  wanted: readonly Table[],
  choices: AllChoices,
  execute: typeof executeNotebook = executeNotebook,
): Promise<number> {
  const jobs = [
    ...wanted.map((table) => ({ name: table.id, notebook: table.notebook, tables: [table] })),
    { name: exploring, notebook: exploring, tables: [] },
  ];
  const outcomes: Outcome[] = [];
  for (const [index, { name, notebook, tables }] of jobs.entries()) {
    const pieces = piecesToMake(tables, choices);
    console.error(`\n${index + 1}/${jobs.length}: ${name} (notebook ${notebook}), ${piecesText(pieces)}`);
    const start = performance.now();
    const executed = await execute(notebook, placeOf(tables[0], choices));
    outcomes.push({ name, pieces, seconds: (performance.now() - start) / 1000, executed });
    if (executed.status === interrupted) break;
  }
  console.log(`\n${outcomes.map(outcomeLine).join("\n")}`);
  const left = jobs.slice(outcomes.length).map(({ name }) => name);
  if (left.length > 0) console.log(`not begun: ${left.join(", ")}; the same command goes on`);
  return Math.max(0, ...outcomes.map(({ executed }) => executed.status));
}

/** Where a table's notebook is executed: a table that shares its notebook with another has a folder of its own. */
export function placeOf(
  table: Table | undefined,
  { folder, settings }: Pick<AllChoices, "folder" | "settings">,
): Pick<AllChoices, "folder" | "settings"> {
  if (table === undefined) return { folder, settings };
  const shares = tables.find(({ notebook }) => notebook === table.notebook) !== table;
  return { folder: shares ? join(folder, table.id) : folder, settings: { ...settings, FCT_TABLE: table.id } };
}

function piecesToMake(tables: readonly Table[], { scale, seeds, settings }: AllChoices): number {
  const requests = tables.flatMap((table) =>
    requestsOf(seedRunsOf(table, scale, scaleOf(table, { scale, seeds }).seeds)),
  );
  return settings.FCT_FORCE === "1" ? graphOf(requests).length : pendingOf(requests, cacheFolder()).length;
}

function piecesText(pieces: number): string {
  return pieces === 0 ? "all from the cache" : `${pieces} ${pieces === 1 ? "piece" : "pieces"} of work to do`;
}

function outcomeLine({ name, pieces, seconds, executed }: Outcome): string {
  const how = pieces === 0 ? "from the cache" : `anew, ${pieces} pieces`;
  const ended = executed.failure === null ? how : `FAILED: ${executed.failure}`;
  const place = executed.failure === null ? `  ${relative(projectRoot(), executed.html)}` : "";
  return `${name.padEnd(18)} ${clock(seconds).padStart(8)}  ${ended}${place}`;
}
