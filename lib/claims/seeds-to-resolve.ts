import { seedsNeeded } from "../statistics/seeds-needed";
import type { Evidence } from "./evidence";
import { canMakeNoDifference, expectedValue, isExpected, top1Agrees, top1Refutes } from "./expected";

/** What of a contrast would be told if its value is what it seems; null if nothing is. */
type Place = "for" | "within" | "against" | null;

/**
 * How many seeds would give a verdict, tested at `level`, if all values are what they seem: the
 * most that a contrast needs if all lie where the claim holds, or all within the margin; the fewest
 * if some contradict it. Null where more seeds alone would not do.
 */
export function seedsToResolve(open: readonly Evidence[], margin: number, level: number): number | null {
  const places = new Map(open.map((each) => [each, placeOf(each, margin)]));
  const needed = (place: Place, share: number): readonly (number | null)[] =>
    open
      .filter((each) => places.get(each) === place)
      .map(({ primary, contrast }) => {
        const expected = expectedValue(contrast, "mAP");
        if (primary === null) return null;
        return seedsNeeded(primary, primary.value < expected ? expected - margin : expected + margin, level * share);
      });
  const against = needed("against", 1 / open.length).flatMap((count) => count ?? []);
  if (against.length > 0) return Math.min(...against);
  const [place, ...others] = new Set(places.values());
  if (place === undefined || place === null || place === "against" || others.length > 0) return null;
  const counts = needed(place, 1);
  return counts.includes(null) ? null : Math.max(...counts.map(Number));
}

function placeOf(evidence: Evidence, margin: number): Place {
  const { primary, contrast } = evidence;
  if (primary === null) return null;
  if (isExpected(primary.value, { contrast, metric: "mAP", margin }))
    return top1Agrees(evidence, margin) ? "for" : null;
  const isWithin = Math.abs(primary.value - expectedValue(contrast, "mAP")) <= margin;
  if (contrast.expect.kind === "above" && isWithin) return canMakeNoDifference(contrast) ? "within" : null;
  return top1Refutes(evidence, margin) ? "against" : null;
}
