import type { Contrast } from "./claim";
import type { Evidence } from "./evidence";

/** What a contrast expects, in one metric. */
export function expectedValue({ expect }: Contrast, metric: "top1" | "mAP"): number {
  return typeof expect.value === "number" ? expect.value : expect.value[metric];
}

interface Expected {
  readonly contrast: Contrast;
  readonly metric: "top1" | "mAP";
  readonly margin: number;
}

/**
 * Whether a value is above what is expected, in mAP by more than the margin, or within the margin
 * of it, in top-1 within twice that.
 */
export function isExpected(value: number, { contrast, metric, margin }: Expected): boolean {
  const expected = expectedValue(contrast, metric);
  if (contrast.expect.kind === "above") return value > expected + (metric === "top1" ? 0 : margin);
  return Math.abs(value - expected) < (metric === "top1" ? 2 : 1) * margin;
}

/** Whether top-1, if there is one, is on the claim's side. */
export function top1Agrees({ secondary, contrast }: Evidence, margin: number): boolean {
  return secondary === null || isExpected(secondary.value, { contrast, metric: "top1", margin });
}

/** Whether top-1, if there is one, lets mAP contradict the claim. */
export function top1Refutes(evidence: Evidence, margin: number): boolean {
  return evidence.secondary === null || !top1Agrees(evidence, margin);
}

/** Whether a contrast can show that there is no difference larger than a margin. */
export function canMakeNoDifference({ quantity, expect }: Contrast): boolean {
  return expect.kind === "above" && quantity.kind === "difference";
}
