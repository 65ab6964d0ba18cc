import type { MetricName, ResultRow } from "../../../experiments/results/result";
import { roleOf } from "../../plot/roles";
import { type GapEnds, gapEnds } from "../../text/rows";
import { percentText } from "../../text/text";

/** The shares of a panel's span left free above and below, and within which an end is drawn. */
const margin = 0.06;
const near = 0.3;

/** A row that has a curve. */
type CurveRow = ResultRow & Required<Pick<ResultRow, "curve">>;

/** The curves of one panel and the rows between which their gap lies. */
export interface CurveGroup {
  readonly title: string;
  /** What the labels of most lines begin with: the title says it, their names do not. */
  readonly method: string;
  readonly rows: readonly CurveRow[];
  readonly ends: GapEnds | null;
}

/**
 * A panel for each group; rows without a group are parted by whether there is side-information. The
 * lines of a panel are in the order of their means, from the highest to the lowest.
 */
export function curveGroups(rows: readonly ResultRow[], metric: MetricName): readonly CurveGroup[] {
  const curves = rows.flatMap((row) => (row.curve === undefined ? [] : [{ ...row, curve: row.curve }]));
  const sorted = curves.sort((a, b) => b.metrics[metric].mean - a.metrics[metric].mean);
  const loose = sorted.filter(({ group }) => group === undefined);
  const bare = loose.some((row) => !hasSide(row)) && loose.some(hasSide);
  const nameOf = (row: ResultRow): string =>
    row.group ?? (bare ? `${hasSide(row) ? "with" : "without"} side-information` : "");
  const order = [...new Set(rows.filter(({ curve }) => curve !== undefined).map(nameOf))];
  return order.map((name) => {
    const own = sorted.filter((row) => nameOf(row) === name);
    const method = commonMethod(own);
    const ends = gapEnds(rows, own[0]?.group);
    return { title: titleOf(own[0]?.group ?? (method === "" ? name : ""), method, own), method, rows: own, ends };
  });
}

function hasSide(row: ResultRow): boolean {
  return roleOf(row) !== "bct" && !/\b(no|without) side/.test(row.label);
}

/** The label of a row before its last comma, and what follows, which names the order. */
function partsOf({ label }: Pick<ResultRow, "label">): { readonly method: string; readonly order: string } {
  const [, method = "", order = label] = /^(.+), (.+)$/.exec(label) ?? [];
  return { method, order };
}

/** How the items of a row are ordered, if it has its panel's method; else all that it is called. */
export function orderOf(row: Pick<ResultRow, "label">, { method }: Pick<CurveGroup, "method">): string {
  const parts = partsOf(row);
  return parts.method === method ? parts.order : row.label;
}

/** All orders as the rows of the result mention them, after that at random; whole labels last. */
export function ordersOf(groups: readonly CurveGroup[], rows: readonly ResultRow[]): readonly string[] {
  const curves = groups.flatMap((group) => group.rows.map((row) => ({ row, order: orderOf(row, group) })));
  const mentioned = rows.flatMap(({ id }) => curves.filter(({ row }) => row.id === id));
  const shared = mentioned.filter(({ row, order }) => order !== row.label);
  return [...new Set(["random order", ...[...shared, ...mentioned].map(({ order }) => order)])];
}

/** The method of more than half of the rows; "" if there is none, or a single row. */
function commonMethod(rows: readonly ResultRow[]): string {
  const methods = rows.map((row) => partsOf(row).method);
  const shares = (method: string): number => methods.filter((other) => other === method).length / methods.length;
  return methods.length < 2 ? "" : (methods.find((method) => shares(method) > 0.5) ?? "");
}

function titleOf(name: string, method: string, rows: readonly ResultRow[]): string {
  const all = rows.every((row) => partsOf(row).method === method);
  return [name, method === "" || all ? method : `${method}, unless said otherwise`]
    .filter((text) => text !== "")
    .join(": ");
}

/** The axis, from the lowest to the highest point: an end far below would press lines together. */
export function rangeOf({ rows, ends }: CurveGroup, metric: MetricName): readonly [number, number] {
  const values = rows.flatMap(({ curve }) => curve[metric]);
  const flat = ends === null ? [] : [ends.from, ends.to].map(({ metrics }) => metrics[metric].mean);
  const span = Math.max(...values) - Math.min(...values) || 1;
  const all = [...values, ...flat.filter((value) => value > Math.min(...values) - near * span)];
  const room = margin * (Math.max(...all) - Math.min(...all) || 1);
  return [Math.min(...all) - room, Math.max(...all) + room];
}

/** An entry of a panel's legend, and its line if that lies in the panel. */
export interface CurveEntry {
  readonly name: string;
  readonly mean: number;
  readonly row: ResultRow;
  readonly curve: CurveRow["curve"] | null;
}

/** The lines of a panel and the ends of its gap, from the highest mean to the lowest. */
export function entriesOf(group: CurveGroup, metric: MetricName): readonly CurveEntry[] {
  const { rows, ends } = group;
  const [lowest] = rangeOf(group, metric);
  const flat = ends === null ? [] : [ends.to, ends.from];
  const entries = [
    ...rows.map((row) => {
      const { mean } = row.metrics[metric];
      return { name: `${orderOf(row, group)} ·\u00a0AUC\u00a0${percentText(mean)}`, mean, row, curve: row.curve };
    }),
    ...flat.map((row) => {
      const { mean } = row.metrics[metric];
      const below = mean < lowest ? ", below the axis" : "";
      return { name: `${row.label}\u00a0${percentText(mean)}${below}`, mean, row, curve: null };
    }),
  ];
  return entries.sort((a, b) => b.mean - a.mean);
}
