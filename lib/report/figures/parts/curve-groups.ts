import type { MetricName, ResultRow } from "../../../experiments/results/result";
import { roleOf } from "../../plot/roles";
import { type GapEnds, gapEnds } from "../../text/rows";
import { percentText } from "../../text/text";

/** A row that has a curve. */
type CurveRow = ResultRow & Required<Pick<ResultRow, "curve">>;

/** The curves of one panel and the rows between which their gap lies. */
export interface CurveGroup {
  readonly name: string;
  readonly rows: readonly CurveRow[];
  readonly ends: GapEnds | null;
}

/** The panels; the lines of each from the highest mean to the lowest. */
export function curveGroups(rows: readonly ResultRow[], metric: MetricName): readonly CurveGroup[] {
  const curves = rows.flatMap((row) => (row.curve === undefined ? [] : [{ ...row, curve: row.curve }]));
  const sorted = curves.sort((a, b) => b.metrics[metric].mean - a.metrics[metric].mean);
  const grouped = rows.some(({ group }) => group !== undefined);
  const bare = sorted.some((row) => !hasSide(row)) && sorted.some(hasSide);
  const nameOf = (row: ResultRow): string => {
    if (grouped) return row.group ?? "";
    return bare ? `${hasSide(row) ? "with" : "without"} side-information` : "";
  };
  const order = [...new Set(rows.filter(({ curve }) => curve !== undefined).map(nameOf))];
  return order.map((name) => {
    const own = sorted.filter((row) => nameOf(row) === name);
    return { name, rows: own, ends: gapEnds(rows, own[0]?.group) };
  });
}

function hasSide(row: ResultRow): boolean {
  return roleOf(row) !== "bct" && !/\b(no|without) side/.test(row.label);
}

/** An entry of a panel's legend, and its line if that lies in the panel. */
export interface CurveEntry {
  readonly name: string;
  readonly mean: number;
  readonly row: ResultRow;
  readonly curve: CurveRow["curve"] | null;
}

/** The lines of a panel and the ends of its gap, from the highest mean to the lowest. */
export function entriesOf({ rows, ends }: CurveGroup, metric: MetricName): readonly CurveEntry[] {
  const flat = ends === null ? [] : [ends.to, ends.from];
  const entries = [
    ...rows.map((row) => {
      const { mean } = row.metrics[metric];
      return { name: `${row.label} ·\u00a0AUC\u00a0${percentText(mean)}`, mean, row, curve: row.curve };
    }),
    ...flat.map((row) => {
      const { mean } = row.metrics[metric];
      return { name: `${row.label}\u00a0${percentText(mean)}`, mean, row, curve: null };
    }),
  ];
  return entries.sort((a, b) => b.mean - a.mean);
}
