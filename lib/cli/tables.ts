import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { cacheFolder, resultsFolder } from "../core/paths";
import { graphOf, pendingOf } from "../core/step";
import { parseResult } from "../experiments/results/result-file";
import { scaleOf } from "../experiments/run-options";
import type { Table } from "../experiments/table";
import { fingerprintOf, requestsOf, seedRunsOf } from "../experiments/table-work";
import { tables } from "../tables/tables";
import { command } from "./command";

/** `fct tables`: every declared table, and for each scale whether there is a result and how much of its work is cached. */
export function tablesCommand(): Command {
  return command("tables")
    .description("list the tables with the state of their result and of their work at each scale")
    .action(() => console.log(tables.map(description).join("\n\n")));
}

function description(table: Table): string {
  const states = Object.keys(table.scales).map(
    (scale) => `  ${scale.padEnd(7)} ${resultState(table, scale).padEnd(44)} ${cacheState(table, scale)}`,
  );
  return [`${table.id}: ${table.title}  (notebooks/${table.notebook}.ipynb)`, ...states].join("\n");
}

function resultState(table: Table, scale: string): string {
  const path = join(resultsFolder(), scale, `${table.id}.json`);
  if (!existsSync(path)) return "no result";
  try {
    const { fingerprint, seeds, run } = parseResult(readFileSync(path, "utf8"), path);
    const state = fingerprint === fingerprintOf(table, scale, seeds) ? "result" : "result of an earlier declaration";
    return `${state} of ${run.date.slice(0, 10)}, ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}`;
  } catch {
    return "result file damaged: run the table again";
  }
}

function cacheState(table: Table, scale: string): string {
  const { seeds } = scaleOf(table, { scale, seeds: null });
  const requests = requestsOf(seedRunsOf(table, scale, seeds));
  const missing = pendingOf(requests, cacheFolder()).length;
  const total = graphOf(requests).length;
  return missing === 0 ? `all ${total} pieces of work cached` : `${missing} of ${total} pieces of work to do`;
}
