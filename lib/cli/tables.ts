import type { Command } from "commander";
import { pendingOf } from "../core/artifacts/obtain";
import { graphOf } from "../core/artifacts/step";
import { cacheFolder, committedFolder, runsFolder } from "../core/paths";
import { terminalWidth } from "../core/progress";
import { type AnyTable, anyRequests, storedResult } from "../experiments/language/kinds/any-table";
import { broken, textTable } from "../report/terminal/text-table";
import { tables } from "../tables/tables";
import { command } from "./options/command";

/** `fct tables`: every table, with the state of its results and of its work at each scale. */
export function tablesCommand(listed: readonly AnyTable[] = tables): Command {
  return command("tables")
    .description("list the tables with the committed result, your own run and the work to do at each scale")
    .action(() => console.log(listed.map(description).join("\n\n")));
}

function description(table: AnyTable): string {
  const scales = Object.keys(table.scales);
  const states = textTable(
    [
      { name: "scale", cells: scales },
      { name: "committed result", cells: scales.map((scale) => resultState(table, scale, committedFolder())) },
      { name: "own run", cells: scales.map((scale) => resultState(table, scale, runsFolder())) },
      { name: "work", cells: scales.map((scale) => cacheState(table, scale)) },
    ],
    terminalWidth(),
    ["committed result", "own run", "work"],
  );
  const title = broken(`${table.id}: ${table.title}  (notebooks/${table.notebook}.ipynb)`, terminalWidth(), "  ");
  return [...title, ...states.split("\n").filter((line) => !/^-+ /.test(line))].join("\n");
}

function resultState(table: AnyTable, scale: string, folder: string): string {
  try {
    const stored = storedResult(table, scale, folder);
    if (stored === null) return "none";
    const { seeds, run } = stored.result;
    const state = stored.current ? "" : "outdated, ";
    return `${state}${run.date.slice(0, 10)}, ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}`;
  } catch {
    return "damaged: run it again";
  }
}

function cacheState(table: AnyTable, scale: string): string {
  const requests = anyRequests(table, { scale, seeds: null });
  const missing = pendingOf(requests, cacheFolder()).length;
  const total = graphOf(requests).length;
  return missing === 0 ? `${total} pieces cached` : `${missing} of ${total} pieces to do`;
}
