import { type Estimated, pAbove, pBelow, pWithin } from "../statistics/estimate";
import { holmAdjusted } from "../statistics/holm";
import type { Claim, Contrast } from "./claim";
import { type ClaimData, type Evidence, evidenceOf } from "./evidence";
import { canMakeNoDifference, expectedValue, isExpected, top1Agrees, top1Refutes } from "./expected";
import { seedsToResolve } from "./seeds-to-resolve";

/** What the data say of a claim at a scale. */
export type Outcome =
  | { readonly kind: "holds" }
  | { readonly kind: "contradicted" }
  /** Both models differ by less than the margin. */
  | { readonly kind: "no difference"; readonly margin: number }
  /** `seeds`: how many would be needed; null if more seeds alone would not do. */
  | { readonly kind: "not resolved"; readonly seeds: number | null }
  | { readonly kind: "not testable" }
  /** With too few seeds for a verdict: in how many of them it was so. */
  | { readonly kind: "seen"; readonly runs: number; readonly of: number }
  | { readonly kind: "not run" };

/** A claim with its outcome at one scale, and what that rests on. */
export interface Verdict {
  readonly claim: Claim;
  readonly scale: string;
  readonly outcome: Outcome;
  /** Null if the table was not run at this scale. */
  readonly data: ClaimData | null;
  readonly evidence: readonly Evidence[];
}

/** A verdict needs at least so many seeds. */
const fewestSeeds = 3;

/** One-sided: a direction is claimed, and its opposite would contradict it. */
const level = 0.025;

/**
 * The verdicts on claims, at each of their scales. A claim holds if every contrast that can be
 * tested lies beyond the margin in mAP, by a one-sided test at 2.5 %, Holm-adjusted over the claims
 * of its family at that scale, and top-1 is of the same sign. It is contradicted if one contrast
 * lies beyond the margin on the other side, and its top-1 is not on the claim's. There is no
 * difference larger than the margin if two one-sided tests say so of every contrast, at the level
 * that Holm leaves to the claims that neither hold nor are contradicted. With fewer than three
 * seeds it is only told in how many runs it was seen. Throws RangeError if a result lacks what a
 * claim is about.
 */
export function verdictsOf(
  claims: readonly Claim[],
  dataOf: (scale: string, table: string) => ClaimData | null,
): readonly Verdict[] {
  const found = claims.flatMap((claim) =>
    claim.scales.map((scale) => {
      const data = dataOf(scale, claim.table);
      const evidence = data === null ? [] : evidenceOf(claim.contrasts, data);
      return { claim, scale, data, evidence };
    }),
  );
  const tests = found.map((each) => (canBeTested(each) ? claimTests(each) : null));
  const corrected = found.map((): Corrected => ({ adjusted: 1, level }));
  for (const family of new Set(found.map(familyOf))) {
    const members = found.flatMap((each, index) => (familyOf(each) === family && tests[index] !== null ? [index] : []));
    const pValues = holmAdjusted(members.map((index) => smaller(tests[index])));
    const left = pValues.filter((p) => p > level).length;
    members.forEach((index, place) => {
      corrected[index] = { adjusted: pValues[place] as number, level: level / Math.max(1, left) };
    });
  }
  return found.map((each, index) => {
    const test = tests[index] ?? null;
    const outcome = test === null ? untested(each) : tested(each, { ...test, ...(corrected[index] as Corrected) });
    return { ...each, outcome };
  });
}

type Unjudged = Omit<Verdict, "outcome">;

function familyOf({ claim, scale }: Unjudged): string {
  return `${scale} ${claim.family}`;
}

function canBeTested({ data, evidence }: Unjudged): boolean {
  return (data?.result.seeds.length ?? 0) >= fewestSeeds && evidence.some(({ testable }) => testable);
}

/** The p-values of a claim, before the correction for others. */
interface ClaimTests {
  readonly holds: number;
  readonly contradicted: number;
}

/** Holm's correction of a claim's smaller p-value. */
interface Corrected {
  readonly adjusted: number;
  /** The share of the level that each claim of the family has, without those rejected already. */
  readonly level: number;
}

function smaller(tests: ClaimTests | null | undefined): number {
  return Math.min(tests?.holds ?? 1, tests?.contradicted ?? 1);
}

/** Every contrast must hold (intersection-union); one against the claim is enough (Bonferroni). */
function claimTests({ claim: { margin }, evidence }: Unjudged): ClaimTests {
  const open = evidence.filter(({ testable }) => testable);
  const of = (test: typeof pHolds, those: readonly Evidence[]): readonly number[] =>
    those.map(({ primary, contrast }) => (primary === null ? 1 : (test(primary, contrast, margin) ?? 1)));
  const refutable = open.filter((each) => top1Refutes(each, margin));
  return {
    holds: Math.max(...of(pHolds, open)),
    contradicted: Math.min(1, open.length * Math.min(1, ...of(pContradicts, refutable))),
  };
}

function pHolds(estimated: Estimated, contrast: Contrast, margin: number): number | null {
  const value = expectedValue(contrast, "mAP");
  return contrast.expect.kind === "above" ? pAbove(estimated, value + margin) : pWithin(estimated, value, margin);
}

function pContradicts(estimated: Estimated, contrast: Contrast, margin: number): number | null {
  const value = expectedValue(contrast, "mAP");
  const below = pBelow(estimated, value - margin);
  if (contrast.expect.kind === "above") return below;
  const above = pAbove(estimated, value + margin);
  return below === null || above === null ? null : Math.min(below, above);
}

function untested({ claim, data, evidence }: Unjudged): Outcome {
  if (data === null) return { kind: "not run" };
  const open = evidence.filter(({ testable }) => testable);
  if (open.length === 0) return { kind: "not testable" };
  const { seeds } = data.result;
  const runs = seeds.filter((_, seed) => open.every((each) => isSeenWith(seed, each, claim.margin)));
  return { kind: "seen", runs: runs.length, of: seeds.length };
}

/** With one seed alone: beyond the margin, or within it, in mAP; top-1 agrees. */
function isSeenWith(seed: number, { primary, secondary, contrast }: Evidence, margin: number): boolean {
  const isIn = (estimated: Estimated | null, metric: "top1" | "mAP"): boolean => {
    if (estimated === null) return metric === "top1";
    const value = (estimated.numerators[seed] as number) / (estimated.denominators[seed] as number);
    return isExpected(value, { contrast, metric, margin });
  };
  return isIn(primary, "mAP") && isIn(secondary, "top1");
}

function tested(verdict: Unjudged, tests: ClaimTests & Corrected): Outcome {
  const { margin } = verdict.claim;
  const open = verdict.evidence.filter(({ testable }) => testable);
  const rejected = tests.adjusted <= level;
  if (rejected && tests.contradicted < tests.holds) return { kind: "contradicted" };
  if (rejected && open.every((each) => top1Agrees(each, margin))) return { kind: "holds" };
  if (!rejected && margin > 0 && open.every((each) => pNoDifference(each, margin) <= tests.level)) {
    return { kind: "no difference", margin };
  }
  return { kind: "not resolved", seeds: rejected ? null : seedsToResolve(open, margin, tests.level) };
}

function pNoDifference({ primary, contrast }: Evidence, margin: number): number {
  if (primary === null || !canMakeNoDifference(contrast)) return 1;
  return pWithin(primary, expectedValue(contrast, "mAP"), margin) ?? 1;
}
