import type { Contrast } from "./claim";

/** Row a is better than row b by more than the claim's margin. */
export function better(a: string, b: string): Contrast {
  return { quantity: { kind: "difference", a, b }, expect: { kind: "above", value: 0 } };
}

/** Row a is better than row b, where there is a gap between row b and row `next`. */
export function betterInGap(a: string, b: string, next: string): Contrast {
  return { ...better(a, b), gate: { from: b, to: next } };
}

/** Rows a and b differ by less than the claim's margin. */
export function equal(a: string, b: string): Contrast {
  return { quantity: { kind: "difference", a, b }, expect: { kind: "near", value: 0 } };
}

/** A row closes more than `percent` of the gap from old / old to new / new. */
export function closesMoreThan(row: string, percent: number): Contrast {
  const quantity = { kind: "share", row, from: "old-old", to: "new-new" } as const;
  return { quantity, expect: { kind: "above", value: percent }, gate: { from: "old-old", to: "new-new" } };
}

/** A row closes about a published share of the gap, which differs from metric to metric. */
export function closesAbout(row: string, [top1, top5, mAP]: readonly [number, number, number]): Contrast {
  const quantity = { kind: "share", row, from: "old-old", to: "new-new" } as const;
  const expect = { kind: "near", value: { top1, top5, mAP } } as const;
  return { quantity, expect, gate: { from: "old-old", to: "new-new" } };
}
