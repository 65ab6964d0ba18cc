/** Counts of rows by the step that replaces them and the slot of their distance. */
export interface StepCounts {
  readonly slots: number;
  /** [steps x slots], the slots before and after the replacement. */
  readonly before: Uint32Array;
  readonly after: Uint32Array;
}

/** All 0. */
export function stepCounts(steps: number, slots: number): StepCounts {
  return { slots, before: new Uint32Array(steps * slots), after: new Uint32Array(steps * slots) };
}

/** [slots] Counts where nothing is replaced. */
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
