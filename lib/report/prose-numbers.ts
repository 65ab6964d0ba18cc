import { unexpected } from "../core/check";
import { type AnyResult, isOfLanguage, type LanguageResultRow } from "../experiments/language/language-result";
import type { Curve, MetricName, ResultRow, Summary } from "../experiments/results/result";
import { shownShare } from "./text/rows";
import { bracketText, groupedText, metricNames } from "./text/text";

/**
 * A text with its numbers brought up to date. A number of a result stands between two comments that
 * neither Markdown nor a notebook shows: `<!--= new-new top1 -->75.7<!--=-->`. The first says what
 * it is:
 *
 * - `ROW METRIC`: a mean in percent, the metric being top1, top5 or mAP;
 * - `ROW METRIC sd`: its deviation over the seeds;
 * - `ROW METRIC gap`: the share of the gap that the row closes;
 * - `ROW METRIC interval`: its 95 % interval, and `ROW METRIC share` the share of the gap with its
 *   own, or "no gap"; without results of the queries there are no intervals;
 * - `ROW METRIC start`: the first point of a row's curve, before anything is re-embedded; `end`:
 *   the last;
 * - `ROW METRIC of DATASET`: what is published there, `ROW gap of DATASET` the published share; the
 *   first words of a source may follow after a comma;
 * - `ROW ID`: a measure of the table; of language models, `ROW ID interval` too;
 * - `runs`: "a single run, seed 0" or "3 runs, seeds 0, 1, 2";
 * - `verdict CLAIM`: what the data say of a claim, at each scale; `verdict CLAIM at SCALE` at one;
 * - `contrast CLAIM 1 at SCALE`: the value of its first contrast in mAP, with its interval.
 *
 * Two of them may be joined by " - ", " / " or " % ", the share in percent; they are computed from
 * the numbers themselves, not from what is printed of them. A result of another
 * table goes before: `quick/main: new-new top1`. At the end, `.0` is the number of decimals, and
 * `~2` that of the digits that count. Throws RangeError on anything else.
 */
export function withProseNumbers(
  text: string,
  resultOf: (name: string | null) => AnyResult,
  claimText: (expression: string) => string,
): string {
  return text.replace(/<!--= (.+?) -->.*?<!--=-->/g, (_, expression: string) => {
    const isOfClaim = /^(verdict|contrast) /.test(expression);
    const renewed = isOfClaim ? claimText(expression) : numberText(expression, resultOf);
    return `<!--= ${expression} -->${renewed}<!--=-->`;
  });
}

function numberText(expression: string, resultOf: (name: string | null) => AnyResult): string {
  const [, name = null, formula = "", , decimals, digits] =
    /^(?:(\w+\/[\w-]+): )?(.+?)( \.(\d)| ~(\d))?$/.exec(expression) ?? [];
  const result = resultOf(name);
  if (formula === "runs") return runsText(result.seeds);
  const spread = spreadText(formula, result);
  if (spread !== null) return spread;
  const { value, decimals: own } = computed(formula, result);
  if (digits !== undefined) return groupedText(Number(value.toPrecision(Number(digits))), 0);
  return groupedText(value, decimals === undefined ? own : Number(decimals));
}

function runsText(seeds: readonly number[]): string {
  return seeds.length === 1 ? `a single run, seed ${seeds[0]}` : `${seeds.length} runs, seeds ${seeds.join(", ")}`;
}

/** An interval, or a share with its interval; null if neither is asked for. */
function spreadText(formula: string, result: AnyResult): string | null {
  if (isOfLanguage(result)) return measureInterval(formula, result.rows);
  const { rows } = result;
  const [, id, metric = "", which] = /^(.+) (top1|top5|mAP) (interval|share)$/.exec(formula) ?? [];
  const row = rows.find((each) => each.id === id);
  const name = metricNames.find((each) => each === metric);
  if (row === undefined || name === undefined) return null;
  if (which === "interval") return bracketText(row.metrics[name].interval) || "no interval";
  const share = shownShare(row, name);
  if (share === null) return "no gap";
  return `${[groupedText(share, 0), "%", bracketText(row.gapInterval?.[name], 0)].join(" ").trim()}`;
}

/** The interval of a measure; null if none is asked for. */
function measureInterval(formula: string, rows: readonly LanguageResultRow[]): string | null {
  const [, id, measure = ""] = /^(\S+) (\w+) interval$/.exec(formula) ?? [];
  const summary = rows.find((row) => row.id === id)?.details[measure];
  return summary === undefined ? null : bracketText(summary.interval) || "no interval";
}

interface Value {
  readonly value: number;
  /** Decimals unless told otherwise. */
  readonly decimals: number;
}

function computed(formula: string, result: AnyResult): Value {
  const [, left = formula, operator, right = ""] = /^(.+) ([-/%]) (.+)$/.exec(formula) ?? [];
  const first = quantityOf(left, result);
  if (operator === undefined) return first;
  const second = quantityOf(right, result);
  switch (operator) {
    case "-":
      return { value: first.value - second.value, decimals: first.decimals };
    case "/":
      return { value: first.value / second.value, decimals: 0 };
    default:
      return { value: (100 * first.value) / second.value, decimals: 0 };
  }
}

/** A row of any table. */
type AnyRow = ResultRow | LanguageResultRow;

function quantityOf(text: string, result: AnyResult): Value {
  const rows: readonly AnyRow[] = result.rows;
  // An id may have spaces in it, and begin like another one.
  const named = rows.filter(({ id }) => text.startsWith(`${id} `)).sort((a, b) => b.id.length - a.id.length);
  const [row] = named;
  if (row === undefined) throw unexpected(`number of table ${result.table}`, "the id of a row and a metric", text);
  const [name = "", which, ...dataset] = text.slice(row.id.length + 1).split(" ");
  const value =
    which === "of" && "reported" in row
      ? publishedOf(row, name, dataset.join(" "))
      : measuredOf(row, name, which, result);
  if (value === null) throw unexpected(`number of table ${result.table}`, "one that the result has", text);
  return value;
}

function publishedOf({ reported }: ResultRow, name: string, where: string): Value | null {
  const key = name === "gap" ? "gapClosed" : metricNames.find((metric) => metric === name);
  if (key === undefined) return null;
  const [dataset, from = ""] = where.split(", ");
  const entries = reported.filter((entry) => entry.dataset === dataset && entry.source.startsWith(from));
  const [value = null] = entries.flatMap((entry) => entry[key] ?? []);
  return value === null ? null : { value, decimals: name === "gap" ? 0 : 1 };
}

function measuredOf(row: AnyRow, name: string, which: string | undefined, { measures = [] }: AnyResult): Value | null {
  const metric = metricNames.find((each) => each === name);
  if (metric !== undefined && "metrics" in row) return metricOf(row, metric, which);
  const details: Readonly<Record<string, Summary>> = row.details ?? {};
  const [detail, measure] = [details[name], measures.find(({ id }) => id === name)];
  return detail === undefined || measure === undefined ? null : { value: detail.mean, decimals: measure.decimals };
}

function metricOf(row: ResultRow, metric: MetricName, which: string | undefined): Value | null {
  const { mean, sd } = row.metrics[metric];
  const known: Readonly<Record<string, number | null | undefined>> = {
    mean,
    sd,
    gap: shownShare(row, metric),
    start: pointOf(row.curve, metric, 0),
    end: pointOf(row.curve, metric, -1),
  };
  const value = known[which ?? "mean"];
  return value === undefined || value === null ? null : { value, decimals: which === "gap" ? 0 : 1 };
}

function pointOf(curve: Curve | undefined, metric: MetricName, place: number): number | undefined {
  return curve?.[metric].at(place);
}
