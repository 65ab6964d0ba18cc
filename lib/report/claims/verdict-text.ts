import type { Contrast, Quantity } from "../../claims/claim";
import type { Outcome } from "../../claims/verdict";
import { type Estimated, interval } from "../../statistics/estimate";
import { bracketText, groupedText } from "../text/text";

/** An outcome in a few words. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case "no difference":
      return `no difference larger than ${outcome.margin} mAP`;
    case "not resolved":
      return outcome.seeds === null ? "not resolved" : `not resolved (${outcome.seeds} seeds would be needed)`;
    case "not testable":
      return "not testable (no gap)";
    case "holds":
    case "contradicted":
    case "seen":
    case "not run":
      return shortOutcome(outcome);
  }
}

/** The same without numbers other than those of runs. */
export function shortOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case "seen":
      return seenText(outcome);
    case "not testable":
      return "no gap";
    case "holds":
    case "contradicted":
    case "no difference":
    case "not resolved":
    case "not run":
      return outcome.kind;
  }
}

function seenText({ runs, of }: Extract<Outcome, { kind: "seen" }>): string {
  const all = `${of} ${of === 1 ? "run" : "runs"}`;
  if (runs === of) return `seen in ${all}`;
  return runs === 0 ? `not seen in ${all}` : `seen in ${runs} of ${all}`;
}

/** What a contrast compares, by the ids of the rows, and what is tested of it, in mAP. */
export function contrastText({ quantity, expect }: Contrast, margin: number): string {
  const value = typeof expect.value === "number" ? expect.value : expect.value.mAP;
  const tested = expect.kind === "above" ? `> ${exactText(value + margin)}` : `≈ ${exactText(value)} (± ${margin})`;
  return `${quantityText(quantity)} ${tested}`;
}

/** All its decimals, up to six: `0.95`, `−1`. */
function exactText(value: number): string {
  return groupedText(value, 6).replace(/\.?0+$/, "");
}

function quantityText(quantity: Quantity): string {
  switch (quantity.kind) {
    case "difference":
      return `\`${quantity.a}\` − \`${quantity.b}\``;
    case "level":
      return `\`${quantity.row}\``;
    case "share":
      return `share of \`${quantity.row}\` (%)`;
    case "negative flips":
      return `negative flips, \`${quantity.a}\` − \`${quantity.b}\``;
    case "update":
      return `${measureNames[quantity.measure]}, ${sumText(quantity)}`;
    case "multiple":
      return `${quantity.measure}, \`${quantity.a}\` / \`${quantity.b}\``;
  }
}

const measureNames = { score: "score", negative: "NFR", positive: "PFR", inconsistent: "NFR_mc" } as const;

function sumText({ plus, minus }: Extract<Quantity, { kind: "update" }>): string {
  const quoted = (ids: readonly string[], sign: string): string => ids.map((id) => `\`${id}\``).join(` ${sign} `);
  return [quoted(plus, "+"), ...(minus.length === 0 ? [] : [quoted(minus, "−")])].join(" − ");
}

/** `16.9 [14.1, 19.7]`; without an interval `16.9`. A multiple has two decimals. */
export function estimateText(estimated: Estimated, { quantity }: Contrast): string {
  const decimals = quantity.kind === "multiple" ? 2 : 1;
  return `${groupedText(estimated.value, decimals)} ${bracketText(interval(estimated), decimals)}`.trim();
}
