import { networkRate, secondsOf } from "../../cluster/estimate";
import { pendingOf } from "../../core/artifacts/obtain";
import { graphOf, type Request } from "../../core/artifacts/step";
import { cacheFolder } from "../../core/paths";
import { type AnyTable, anyRequests } from "../../experiments/language/kinds/any-table";
import type { ChosenSteps } from "../../experiments/run-options";
import { device } from "../../tf/device";

/**
 * The steps of tables in the order in which they would run: for each the items it goes through, its
 * multiply-adds, its memory, and an estimate of its hours on this machine.
 */
export function dryRunReport(tables: readonly AnyTable[], chosen: ChosenSteps): string {
  const requests = tables.flatMap((table) => anyRequests(table, chosen));
  const pending = new Set(pendingOf(requests, cacheFolder()).map(({ key }) => key));
  const rate = networkRate();
  const all = graphOf(requests);
  const lines = all.map((request) => line(request, pending.has(request.key), rate));
  const left = all.filter(({ key }) => pending.has(key)).reduce((sum, request) => sum + hours(request, rate), 0);
  const { tensorflow, device: name } = device();
  return [
    `scale ${chosen.scale}: ${tables.map(({ id }) => id).join(", ")}; nothing is run`,
    `device: ${name}, TensorFlow ${tensorflow}, estimated at ${(rate / 1e9).toFixed(0)} billion multiply-adds a second`,
    "",
    padded(["state", "items", "multiply-adds", "memory", "hours"], "step"),
    ...lines,
    "",
    `${pending.size} of ${all.length} steps to do, about ${left.toFixed(2)} hours; what is done stays in ${cacheFolder()}, ` +
      "and an interrupted training goes on from its last epoch",
  ].join("\n");
}

function hours(request: Request, rate: number): number {
  return secondsOf(request, rate) / 3600;
}

function line(request: Request, pending: boolean, rate: number): string {
  const { cost, needs, label } = request;
  const needed = needs();
  const items = needed === null ? "" : compact(needed.items);
  const memory = needed === null ? "" : `${compact(needed.bytes)}B`;
  return padded([pending ? "to do" : "cached", items, compact(cost), memory, hours(request, rate).toFixed(3)], label);
}

function padded(words: readonly string[], step: string): string {
  const widths = [7, 10, 14, 10, 9];
  return `${words.map((word, column) => word.padStart(widths[column] ?? 0)).join(" ")}  ${step}`;
}

/** Three digits and a decimal prefix: 1.28 M. */
function compact(value: number): string {
  const prefixes = ["", "k", "M", "G", "T", "P", "E"];
  const power = value < 1000 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${prefixes[power]}`;
}
