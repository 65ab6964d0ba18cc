import { unexpected } from "../../../core/check";
import type { Measure, ResultRow, Summary } from "../../../experiments/results/result";
import { gridAxis, ticksApart, ticksUpTo, tickTexts } from "../../plot/axes";
import type { Axis } from "../../plot/figure";
import type { RoleRow } from "../../plot/roles";
import type { RowPlaces } from "../../plot/row-places";
import { textWidth } from "../../plot/text-width";
import { measureText } from "../../text/text";

/** A row with measures. */
export type DetailRow = RoleRow & Pick<ResultRow, "details">;

export type DetailPlaces = RowPlaces<DetailRow>;

export interface DetailOptions {
  /** By default the titles of the measures. */
  readonly title?: string;
  /**
   * Ids of measures whose stems grow to the left, on one scale with their neighbour on the right.
   */
  readonly leftward?: readonly string[];
  /** Ids of measures with a logarithmic axis, such as costs of different orders of magnitude. */
  readonly log?: readonly string[];
}

/** A measure in its panel: what its numbers span, and the range of its axis with their column. */
export interface DetailColumn {
  readonly measure: Measure;
  readonly leftward: boolean;
  readonly log: boolean;
  readonly lowest: number;
  readonly highest: number;
  readonly range: readonly [number, number];
  /** Pixels of the axis. */
  readonly room: number;
}

/** Pixels between a dot and the numbers, and the greatest share of a panel that these may take. */
const numbersGap = 16;
const mostNumbers = 0.6;

/** How far a linear axis goes on beyond its numbers, and a logarithmic one, in powers of ten. */
const slack = 1.04;
const logSlack = 0.15;

/** The columns of some measures in panels of `room` pixels. */
export function columnsOf(
  chosen: readonly Measure[],
  places: DetailPlaces,
  { leftward = [], log = [], room }: DetailOptions & { readonly room: number },
): readonly DetailColumn[] {
  return chosen.map((measure, index) => {
    const together = neighbours(chosen, index, leftward);
    const share = Math.min(mostNumbers, Math.max(...together.map((each) => numberRoom(places, each))) / room);
    const kind = { measure, leftward: leftward.includes(measure.id), log: log.includes(measure.id), room };
    const [lowest, highest] = kind.log ? positiveEnds(places, measure) : ends(places, together);
    const span = kind.log ? logRange(lowest, highest, share) : range(lowest, highest, share);
    return { ...kind, lowest, highest, range: kind.leftward ? [span[1], span[0]] : span };
  });
}

function range(lowest: number, highest: number, share: number): readonly [number, number] {
  return [lowest * slack, lowest + ((highest - lowest) * slack) / (1 - share)];
}

function logRange(lowest: number, highest: number, share: number): readonly [number, number] {
  const low = Math.log10(lowest) - logSlack;
  return [low, low + (Math.log10(highest) + logSlack - low) / (1 - share)];
}

/** A number as it is written, with separators of thousands. */
export function numberText(summary: Summary, { decimals }: Measure): string {
  return measureText(summary, decimals).replace(/(?<![.\d])\d{4,}/g, (digits) =>
    Number(digits).toLocaleString("en-US"),
  );
}

/** Pixels that the numbers of a measure take. */
function numberRoom(places: DetailPlaces, measure: Measure): number {
  const widths = summariesOf(places, [measure]).map((summary) => textWidth(numberText(summary, measure), { size: 14 }));
  return numbersGap + Math.max(0, ...widths);
}

/** Ticks as far as the numbers go; a leftward axis leaves its 0 to its neighbour. */
export function columnAxis({ leftward, log, lowest, highest, range, room }: DetailColumn, title: string): Axis {
  const ticks = (log ? powersWithin(lowest, highest) : linearTicks(lowest, highest)).filter(
    (tick) => !leftward || tick !== 0,
  );
  const share = (value: number): number => ((log ? Math.log10(value) : value) - range[0]) / (range[1] - range[0]);
  const pixels = (value: number): number => share(value) * room;
  const shown = log ? ticksApart(ticks, pixels) : evenTicks(ticks, pixels);
  return {
    ...gridAxis("", { range, type: log ? "log" : "linear" }),
    title: { text: title, standoff: 8, font: { size: 14 } },
    tickmode: "array",
    tickvals: shown,
    ticktext: tickTexts(shown),
    tickangle: 0,
  };
}

/** Every tick, or every second, or every third: the first choice of which no labels meet. */
function evenTicks(ticks: readonly number[], pixels: (tick: number) => number): readonly number[] {
  const choices = ticks.map((_, step) => ticks.filter((_, index) => index % (step + 1) === 0));
  return choices.find((choice) => ticksApart(choice, pixels).length === choice.length) ?? ticks;
}

function linearTicks(lowest: number, highest: number): readonly number[] {
  const below = ticksUpTo(-lowest, 1).flatMap((tick) => (tick > 0 ? [-tick] : []));
  return [...below, ...ticksUpTo(highest, 2)];
}

/** Powers of ten; where these are fewer than three, 3 times these too, or else 2 and 5 times. */
function powersWithin(lowest: number, highest: number): readonly number[] {
  const powers = Array.from({ length: 31 }, (_, index) => 10 ** (index - 15));
  const within = (ticks: readonly number[]): readonly number[] =>
    ticks.filter((tick) => tick >= 0.7 * lowest && tick <= 1.4 * highest).map((tick) => Number(tick.toPrecision(6)));
  const choices = [[1], [1, 3], [1, 2, 5]].map((factors) =>
    within(powers.flatMap((power) => factors.map((factor) => factor * power))),
  );
  return choices.find(({ length }) => length >= 3) ?? choices.at(-1) ?? [];
}

/** The measures on the same scale as one: a leftward measure and the next, or that one alone. */
function neighbours(chosen: readonly Measure[], index: number, leftward: readonly string[]): readonly Measure[] {
  const isLeftward = (at: number): boolean => leftward.includes(chosen[at]?.id ?? "");
  const from = !isLeftward(index) && isLeftward(index - 1) ? index - 1 : index;
  return chosen.slice(from, (isLeftward(from) ? from + 1 : from) + 1);
}

function summariesOf({ rows }: DetailPlaces, measures: readonly Measure[]): readonly Summary[] {
  return measures.flatMap(({ id }) => rows.flatMap(({ row }) => row.details?.[id] ?? []));
}

/** What some measures span with their deviations and 0; 0 to 1 if all are 0. */
function ends(places: DetailPlaces, measures: readonly Measure[]): readonly [number, number] {
  const summaries = summariesOf(places, measures);
  const lowest = Math.min(
    0,
    ...summaries.map(({ mean, sd, interval }) => interval?.[0] ?? (mean < 0 ? mean - (sd ?? 0) : 0)),
  );
  const highest = Math.max(0, ...summaries.map(({ mean, sd, interval }) => interval?.[1] ?? mean + (sd ?? 0)));
  return [lowest, highest > lowest ? highest : lowest + 1];
}

/** What the numbers above 0 of a measure span. Throws RangeError if one is below 0. */
function positiveEnds(places: DetailPlaces, measure: Measure): readonly [number, number] {
  const means = summariesOf(places, [measure]).map(({ mean }) => mean);
  const negative = means.find((mean) => mean < 0);
  if (negative !== undefined) throw unexpected(measure.id, "numbers from 0 on a logarithmic axis", negative);
  const positive = means.filter((mean) => mean > 0);
  return positive.length === 0 ? [1, 10] : [Math.min(...positive), Math.max(...positive)];
}
