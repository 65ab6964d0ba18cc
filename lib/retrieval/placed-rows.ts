/** Rows of a mixed gallery at the distance of a relevant item: `row` is a position before its replacement, ~position after. */
export interface PlacedRows {
  readonly rows: Int32Array;
  /** Which of the ascending thresholds each one's distance is, the first of equals. */
  readonly slots: Int32Array;
}

/** Whether a row is in the gallery of which the first `cut` positions are replaced. */
function isIn(row: number, cut: number): boolean {
  return row >= 0 ? row >= cut : ~row < cut;
}

/** Of the rows in that gallery at that slot, the one that stands first; `items` is the gallery row at each position. */
export function firstPlaced({ rows, slots }: PlacedRows, slot: number, cut: number, items: Int32Array): number {
  let first = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (slots[i] === slot && isIn(row, cut)) first = Math.min(first, itemOf(row, items));
  }
  return first;
}

/** How many of the rows in that gallery at that slot stand behind gallery row `first`. */
export function countBehind(
  { rows, slots }: PlacedRows,
  slot: number,
  cut: number,
  items: Int32Array,
  first: number,
): number {
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (slots[i] === slot && isIn(row, cut) && itemOf(row, items) > first) count++;
  }
  return count;
}

function itemOf(row: number, items: Int32Array): number {
  return items[row >= 0 ? row : ~row] as number;
}
