import type { ResultRow, TableResult } from "../../../experiments/results/result";
import { gapClosedBySeed, isEnd, ownGapEnds, shownShare } from "../../text/rows";
import { isDrawn } from "./off-scale";

/** What a figure of shares does not show of its rows, each part after a semicolon. */
export function leftOutNotes(
  { all, shown }: { readonly all: readonly ResultRow[]; readonly shown: readonly ResultRow[] },
  result: TableResult,
): string {
  const rows = all.length === shown.length ? "" : `; ${all.length - shown.length} rows beyond the scale are left out`;
  return `${rows}${farSeeds(shown, result)}${byChance(result.rows)}`;
}

/** How many circles are missing beside rows that are drawn themselves. */
function farSeeds(rows: readonly ResultRow[], result: TableResult): string {
  if (result.seeds.length === 1) return "";
  const drawn = rows.filter(({ gapClosed }) => isDrawn(gapClosed.top1));
  const far = drawn.flatMap((row) => seedShares(row, result.rows)).filter((share) => !isDrawn(share));
  return far.length === 0 ? "" : `; ${far.length} ${far.length === 1 ? "circle" : "circles"} beyond the scale left out`;
}

/** How many rows are not drawn since their gap's interval does not lie above zero. */
function byChance(rows: readonly ResultRow[]): string {
  const hidden = rows.filter((row) => row.gapClosed.top1 !== null && !isEnd(row) && shownShare(row, "top1") === null);
  return hidden.length === 0 ? "" : `; ${rowsText(hidden.length)} whose gap may be chance left out`;
}

function rowsText(count: number): string {
  return count === 1 ? "1 row" : `${count} rows`;
}

/** The shares of a row's seeds, percent. */
export function seedShares(row: ResultRow, all: readonly ResultRow[]): readonly number[] {
  const ends = ownGapEnds(row, all);
  return ends === null ? [] : gapClosedBySeed(row, ends, "top1");
}
