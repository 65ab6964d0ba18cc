import type { Verdict } from "../../claims/verdict";
import { type Json, jsonText } from "../../core/hash";
import { type Estimated, interval } from "../../statistics/estimate";
import { commitsOf } from "../text/result-lines";
import { contrastText, outcomeText } from "./verdict-text";

/** Verdicts for programs: what was claimed, what was found, and from which run. */
export function verdictsJson(verdicts: readonly Verdict[]): string {
  const entries = verdicts.map(({ claim, scale, outcome, data, evidence }) => ({
    id: claim.id,
    text: claim.text,
    source: { ...claim.source },
    scale,
    table: claim.table,
    margin: claim.margin,
    family: claim.family,
    verdict: outcomeText(outcome),
    outcome: { ...outcome },
    seeds: data === null ? null : [...data.result.seeds],
    contrasts: evidence.map(({ contrast, testable, primary, secondary }) => ({
      contrast: contrastText(contrast, claim.margin),
      testable,
      value: estimateJson(primary),
      top1: estimateJson(secondary),
    })),
    date: data?.result.run.date ?? null,
    commits: data === null ? [] : [...commitsOf(data.result.run)],
  }));
  return `${jsonText(entries as Json)}\n`;
}

function estimateJson(estimated: Estimated | null): Json {
  if (estimated === null) return null;
  const ends = interval(estimated);
  return { mean: rounded(estimated.value), interval: ends === null ? null : ends.map(rounded) };
}

function rounded(value: number): number {
  return Number(value.toFixed(4)) + 0;
}
