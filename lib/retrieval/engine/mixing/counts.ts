/** Counts of rows by the step that replaces them and the slot of their distance. */
export interface StepCounts {
  readonly slots: number;
  /** [steps x slots] By the rows' slots before the replacement, and after it. */
  readonly before: Uint32Array;
  readonly after: Uint32Array;
}

/** All 0. */
export function stepCounts(steps: number, slots: number): StepCounts {
  return { slots, before: new Uint32Array(steps * slots), after: new Uint32Array(steps * slots) };
}

/** [slots] Counts before any row is replaced. */
export function unreplaced({ slots, before }: StepCounts): Uint32Array {
  const counts = new Uint32Array(slots);
  for (let from = 0; from < before.length; from += slots) {
    for (let k = 0; k < slots; k++) counts[k] = (counts[k] as number) + (before[from + k] as number);
  }
  return counts;
}

/** Changes [slots] counts as one step of replacement does. */
export function replaceStep(counts: Uint32Array, { slots, before, after }: StepCounts, step: number): void {
  for (let k = 0, at = step * slots; k < slots; k++, at++) {
    counts[k] = (counts[k] as number) - (before[at] as number) + (after[at] as number);
  }
}

/**
 * Rows of a mixed gallery at the distance of a relevant item. A row that is not replaced yet is
 * given by its position, a replaced one by ~position.
 */
export interface PlacedRows {
  readonly rows: Int32Array;
  /** For each row the first of the ascending thresholds that equals its distance. */
  readonly slots: Int32Array;
}

/** Whether a row is in the gallery after the first `cut` positions are replaced. */
function isIn(row: number, cut: number): boolean {
  return row >= 0 ? row >= cut : ~row < cut;
}

/** The first gallery row in that gallery and slot. `items` is the gallery row at each position. */
export function firstPlaced({ rows, slots }: PlacedRows, slot: number, cut: number, items: Int32Array): number {
  let first = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (slots[i] === slot && isIn(row, cut)) first = Math.min(first, itemOf(row, items));
  }
  return first;
}

/** The number of rows in that gallery and slot that stand behind gallery row `first`. */
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
