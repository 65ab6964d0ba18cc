import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { claims } from "../../claims/claims";
import type { ClaimData } from "../../claims/evidence";
import { type Verdict, verdictsOf } from "../../claims/verdict";
import { unexpected } from "../../core/check";
import { parseAnyResult } from "../../experiments/language/kinds/any-result-file";
import { readQueries } from "../../experiments/results/query-results";
import { estimateText, outcomeText } from "../../report/claims/verdict-text";

/** The verdicts on all claims from the results below a folder, computed when first asked for. */
export interface ClaimVerdicts {
  readonly all: () => readonly Verdict[];
  /** What stands for `verdict CLAIM`, `verdict CLAIM at SCALE` or `contrast CLAIM 1 at SCALE`. */
  readonly text: (expression: string) => string;
}

export function claimVerdicts(results: string): ClaimVerdicts {
  let known: readonly Verdict[] | null = null;
  const all = (): readonly Verdict[] => {
    known ??= verdictsOf(claims, (scale, table) => claimData(results, scale, table));
    return known;
  };
  return { all, text: (expression) => claimText(expression, all()) };
}

/** A table's result with the results of its queries; null if it was not run at this scale. */
function claimData(results: string, scale: string, table: string): ClaimData | null {
  const folder = join(results, scale);
  const path = join(folder, `${table}.json`);
  if (!existsSync(path)) return null;
  const result = parseAnyResult(readFileSync(path, "utf8"), path);
  return { result, queries: readQueries(result, folder) };
}

function claimText(expression: string, verdicts: readonly Verdict[]): string {
  const [, what, id = "", , number, , scale] =
    /^(verdict|contrast) ([\w-]+)( (\d))?( at (\w+))?$/.exec(expression) ?? [];
  const found = verdicts.filter((each) => each.claim.id === id && (scale === undefined || each.scale === scale));
  const [first] = found;
  if (first === undefined) {
    const ids = [...new Set(verdicts.map(({ claim }) => claim.id))].join(", ");
    throw unexpected("number of a claim", `the verdict or a contrast of one of ${ids}`, expression);
  }
  if (what === "verdict") {
    const named = (each: Verdict): string =>
      `${scale === undefined ? `${each.scale}: ` : ""}${outcomeText(each.outcome)}`;
    return found.map(named).join("; ");
  }
  const evidence = first.evidence[Number(number ?? 1) - 1];
  if (evidence === undefined)
    throw unexpected("number of a claim", `one of its ${first.evidence.length} contrasts`, expression);
  return evidence.primary === null ? "no gap" : estimateText(evidence.primary, evidence.contrast);
}
