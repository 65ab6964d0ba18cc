import type { Command } from "commander";
import { pendingOf } from "../core/artifacts/obtain";
import { graphOf } from "../core/artifacts/step";
import { cacheFolder } from "../core/paths";
import type { Table } from "../experiments/table";
import { requestsOf, storedResult } from "../experiments/table-work";
import { tables } from "../tables/tables";
import { command } from "./options/command";

/** `fct tables`: every table, with the state of its result and of its work at each scale. */
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
  try {
    const stored = storedResult(table, scale);
    if (stored === null) return "no result";
    const { seeds, run } = stored.result;
    const state = stored.current ? "result" : "result of an earlier declaration";
    return `${state} of ${run.date.slice(0, 10)}, ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}`;
  } catch {
    return "result file damaged: run the table again";
  }
}

function cacheState(table: Table, scale: string): string {
  const requests = requestsOf(table, { scale, seeds: null });
  const missing = pendingOf(requests, cacheFolder()).length;
  const total = graphOf(requests).length;
  return missing === 0 ? `all ${total} pieces of work cached` : `${missing} of ${total} pieces of work to do`;
}
