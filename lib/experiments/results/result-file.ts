import { z } from "zod";
import { type Json, jsonText } from "../../core/hash";
import { checkedBy, resultValue } from "./checked-file";
import { making, queriesRecord, rounded } from "./making-schema";
import type { Curve, MetricName, Metrics, Summary, TableResult } from "./result";

const fourDecimals = z.number().transform((value) => rounded(value, 4));
const percent = fourDecimals.pipe(z.number().min(0).max(100));
const share = fourDecimals.pipe(z.number().min(0).max(1));
const deviation = z.number().min(0);
const loss = z.number().transform((value) => Number(value.toPrecision(6)));
const percentOrNull = percent.nullable();
// Not bounded: an update can be worse than none, or better than new/new.
const gapOrNull = fourDecimals.nullable();
const text = z.string().min(1);
// It becomes a part of files' names.
const name = z.string().regex(/^[\w-]+$/, "letters, digits, - and _ only");

// Not bounded, as Student's t knows no bounds.
const interval = z.tuple([fourDecimals, fourDecimals]).readonly();

const summary = z
  .strictObject({
    mean: percent,
    sd: deviation.pipe(fourDecimals).nullable(),
    n: z.int().min(1),
    interval: interval.exactOptional(),
  })
  .refine(({ sd, n }) => (sd === null) === (n === 1), { path: ["sd"], error: "null when n is 1, a number otherwise" });

const reported = z.strictObject({
  source: text,
  dataset: text,
  top1: percentOrNull,
  top5: percentOrNull,
  mAP: percentOrNull,
  gapClosed: gapOrNull,
});

const measure = z.strictObject({ id: text, title: text, decimals: z.int().min(0) });
const detail = z.number().transform((value) => Number(value.toPrecision(7)));
const details = z.record(
  text,
  z.strictObject({
    mean: detail,
    sd: deviation.pipe(detail).nullable(),
    n: z.int().min(1),
    values: z.array(detail).exactOptional(),
  }),
);
const curve = z.strictObject({
  shares: z.array(share),
  top1: z.array(percent),
  top5: z.array(percent),
  mAP: z.array(percent),
  sd: z
    .strictObject({
      top1: z.array(deviation.pipe(fourDecimals)),
      top5: z.array(deviation.pipe(fourDecimals)),
      mAP: z.array(deviation.pipe(fourDecimals)),
    })
    .exactOptional(),
});

const resultRow = z.strictObject({
  id: text,
  label: text,
  group: text.exactOptional(),
  metrics: z.strictObject({ top1: summary, top5: summary, mAP: summary }),
  perSeed: z.array(z.strictObject({ top1: percent, top5: percent, mAP: percent })),
  gapClosed: z.strictObject({ top1: gapOrNull, top5: gapOrNull, mAP: gapOrNull }),
  gapInterval: z
    .strictObject({ top1: interval.nullable(), top5: interval.nullable(), mAP: interval.nullable() })
    .exactOptional(),
  reported: z.array(reported),
  details: details.exactOptional(),
  curve: curve.exactOptional(),
  cell: z.strictObject({ panel: text, row: text, column: text }).exactOptional(),
});

/** Parsing also orders the members and rounds the numbers, so that a result has one text form. */
const tableResult = z
  .strictObject({
    table: name,
    title: text,
    scale: name,
    dataset: text,
    fingerprint: text,
    seeds: z.array(z.int()).min(1),
    measures: z.array(measure).exactOptional(),
    rows: z.array(resultRow).min(1),
    notes: z.array(text).exactOptional(),
    histories: z.array(z.strictObject({ label: text, seed: z.int(), loss: z.array(loss) })),
    queries: queriesRecord.exactOptional(),
    run: making,
  })
  .superRefine(({ seeds, rows, measures = [] }, context) => {
    rows.forEach(({ id, metrics, perSeed, details = {}, curve }, index) => {
      const problem = (field: string, message: string) =>
        context.addIssue({ code: "custom", path: ["rows", index, ...field.split(".")], message });
      if (perSeed.length !== seeds.length) problem("perSeed", `one entry for each of the ${seeds.length} seeds`);
      for (const [field, message] of disagreements(metrics, perSeed)) problem(field, message);
      const unknown = Object.keys(details).find((name) => !measures.some((measure) => measure.id === name));
      if (unknown !== undefined) problem("details", `${unknown} is not one of the measures`);
      if (curve !== undefined && lengthsOf(curve).size > 1)
        problem("curve", "one value of each metric for every share");
      if (rows.findIndex((row) => row.id === id) !== index) problem("id", "every row has an id of its own");
    });
  });

function lengthsOf({ sd, ...means }: Curve): ReadonlySet<number> {
  return new Set([...Object.values(means), ...Object.values(sd ?? {})].map(({ length }) => length));
}

// Twice the rounding of a number: of the mean here, and of the values that it is the mean of.
const slack = 1.01e-4;

/** Where the summaries of a row are not those of its seeds, and what they should be. */
function disagreements(
  metrics: Readonly<Record<MetricName, Summary>>,
  perSeed: readonly Metrics[],
): readonly (readonly [string, string])[] {
  return (Object.keys(metrics) as MetricName[]).flatMap((metric) => {
    const wrong = disagreement(
      metrics[metric],
      perSeed.map((seed) => seed[metric]),
    );
    return wrong === null ? [] : [[`metrics.${metric}.${wrong[0]}`, wrong[1]] as const];
  });
}

function disagreement({ mean, sd, n }: Summary, values: readonly number[]): readonly [keyof Summary, string] | null {
  const found = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (n !== values.length) return ["n", `expected ${values.length}, the number of seeds`];
  if (!(Math.abs(mean - found) <= slack)) return ["mean", `expected ${rounded(found, 4)}, the mean of the seeds`];
  const squares = values.reduce((sum, value) => sum + (value - found) ** 2, 0);
  const deviationFound = Math.sqrt(squares / (n - 1));
  if (sd === null || Math.abs(sd - deviationFound) <= 2 * slack) return null;
  return ["sd", `expected ${rounded(deviationFound, 4)}, the deviation of the seeds`];
}

/** The text of a result file: percent to four decimals, losses to six digits. */
export function resultJson(result: TableResult): string {
  // Plain data by its schema, which the type of interfaces does not tell.
  return `${jsonText(checked(result, `the result of table ${result.table}`) as unknown as Json)}\n`;
}

/** A result rounded as in its file, so that a computed result is shown like one that was read. */
export function asRecorded(result: TableResult): TableResult {
  return checked(result, `the result of table ${result.table}`);
}

/** Reads the text of a result file; throws InputError, which names the first wrong field. */
export function parseResult(content: string, path: string): TableResult {
  return checked(resultValue(content, path), path);
}

function checked(value: unknown, file: string): z.output<typeof tableResult> {
  return checkedBy(tableResult, value, file);
}
