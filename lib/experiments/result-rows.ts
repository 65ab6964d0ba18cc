import { gapClosed, summaries, summary } from "./gap";
import type { Curve, ResultRow, Summary } from "./result";
import type { Row, Table } from "./table";
import type { RowValues } from "./table-work";

/** A table's rows with their means over the seeds; `values` holds for each row those of every seed. */
export function resultRows(
  table: Pick<Table, "gap" | "measures">,
  rows: readonly Row[],
  values: readonly (readonly RowValues[])[],
): readonly ResultRow[] {
  const means = values.map((perSeed) => summaries(perSeed.map(({ metrics }) => metrics)));
  const shares = gapClosed(table, rows, means);
  return rows.map((row, index) => {
    const perSeed = values[index] ?? [];
    return {
      id: row.id,
      label: row.label,
      ...(row.group === undefined ? {} : { group: row.group }),
      metrics: means[index] ?? summaries([]),
      perSeed: perSeed.map(({ metrics }) => metrics),
      gapClosed: shares[index] ?? { top1: null, top5: null, mAP: null },
      reported: row.reported,
      ...detailsOf(table.measures ?? [], perSeed),
      ...curveOf(perSeed),
      ...(row.cell === undefined ? {} : { cell: row.cell }),
    };
  });
}

/** The table's measures that the row has, summed up over the seeds. */
function detailsOf(
  measures: readonly { readonly id: string }[],
  perSeed: readonly RowValues[],
): Pick<ResultRow, "details"> {
  const found = measures.flatMap(({ id }): [string, Summary][] => {
    const values = perSeed.flatMap(({ details }) => details[id] ?? []);
    return values.length === 0 ? [] : [[id, summary(values)]];
  });
  return found.length === 0 ? {} : { details: Object.fromEntries(found) };
}

/** The mean of the seeds' curves. */
function curveOf(perSeed: readonly RowValues[]): Pick<ResultRow, "curve"> {
  const curves = perSeed.flatMap(({ curve }) => curve ?? []);
  const [first] = curves;
  if (first === undefined) return {};
  const mean = (name: keyof Curve): readonly number[] =>
    first[name].map((_, point) => curves.reduce((sum, curve) => sum + (curve[name][point] ?? 0), 0) / curves.length);
  return { curve: { shares: mean("shares"), top1: mean("top1"), top5: mean("top5"), mAP: mean("mAP") } };
}
