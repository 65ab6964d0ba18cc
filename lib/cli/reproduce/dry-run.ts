import { cacheFolder } from "../../core/paths";
import { graphOf, pendingOf, type Request } from "../../core/step";
import { scaleOf } from "../../experiments/run-options";
import type { Table } from "../../experiments/table";
import { requestsOf, seedRunsOf } from "../../experiments/table-work";
import { device, multiplicationsPerSecond } from "../../tf/device";

// Share of a device's speed in matrix products that networks reach: measured for ResNet-18 at 32 x 32 on a CPU.
const reached = 0.5;

/** The steps of tables in the order in which they would run, each with what it goes through, its operations, memory and hours here. */
export function dryRunReport(
  tables: readonly Table[],
  { scale, seeds }: { readonly scale: string; readonly seeds: number | null },
): string {
  const requests = tables.flatMap((table) =>
    requestsOf(seedRunsOf(table, scale, scaleOf(table, { scale, seeds }).seeds)),
  );
  const pending = new Set(pendingOf(requests, cacheFolder()).map(({ key }) => key));
  const rate = reached * multiplicationsPerSecond();
  const all = graphOf(requests);
  const lines = all.map((request) => line(request, pending.has(request.key), rate));
  const left = all.filter(({ key }) => pending.has(key)).reduce((sum, { cost }) => sum + cost, 0);
  const { tensorflow, device: name } = device();
  return [
    `scale ${scale}: ${tables.map(({ id }) => id).join(", ")}; nothing is run`,
    `device: ${name}, TensorFlow ${tensorflow}, estimated at ${(rate / 1e9).toFixed(0)} billion multiply-adds a second`,
    "",
    [head("state", 7), head("items", 10), head("multiply-adds", 14), head("memory", 10), head("hours", 9)].join(" ") +
      "  step",
    ...lines,
    "",
    `${pending.size} of ${all.length} steps to do, about ${(left / rate / 3600).toFixed(2)} hours; what is done stays in ${cacheFolder()}, ` +
      "and an interrupted training goes on from its last epoch",
  ].join("\n");
}

function line(request: Request, pending: boolean, rate: number): string {
  const needs = request.needs();
  return `${[
    head(pending ? "to do" : "cached", 7),
    head(needs === null ? "" : compact(needs.items), 10),
    head(compact(request.cost), 14),
    head(needs === null ? "" : `${compact(needs.bytes)}B`, 10),
    head((request.cost / rate / 3600).toFixed(3), 9),
  ].join(" ")}  ${request.label}`;
}

function head(text: string, width: number): string {
  return text.padStart(width);
}

/** Three digits and a decimal prefix: 1.28 M. */
function compact(value: number): string {
  const prefixes = ["", "k", "M", "G", "T", "P", "E"];
  const power = value < 1000 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${prefixes[power]}`;
}
