import { z } from "zod";
import { type Json, jsonText } from "../../core/hash";
import { checkedBy, resultValue } from "../results/checked-file";
import { making, queriesRecord, rounded } from "../results/making-schema";
import type { LanguageResult } from "./language-result";

const text = z.string().min(1);
// It becomes a part of files' names.
const name = z.string().regex(/^[\w-]+$/, "letters, digits, - and _ only");
const count = z.int().min(0);
const fourDecimals = z.number().transform((value) => rounded(value, 4));

const summary = z
  .strictObject({
    mean: fourDecimals,
    sd: fourDecimals.nullable(),
    n: z.int().min(1),
    interval: z.tuple([fourDecimals, fourDecimals]).readonly().exactOptional(),
    values: z.array(fourDecimals).exactOptional(),
  })
  .refine(({ n, values }) => (values?.length ?? n) === n, { path: ["values"], error: "one for each seed" });

const row = z.strictObject({
  id: text,
  label: text,
  group: text,
  before: text,
  next: text,
  details: z.record(text, summary),
  ties: count,
  cut: count,
});

const reported = z.strictObject({
  task: text,
  update: text,
  v1: z.number(),
  v2: z.number(),
  muscle: z.number(),
  negative: z.number(),
  change: z.number(),
});

/** Parsing also orders the members and rounds the numbers, so that a result has one text form. */
const languageResult = z
  .strictObject({
    kind: z.literal("language"),
    table: name,
    title: text,
    scale: name,
    dataset: text,
    fingerprint: text,
    seeds: z.array(z.int()).min(1),
    measures: z.array(z.strictObject({ id: text, title: text, decimals: count })),
    rows: z.array(row).min(1),
    notes: z.array(text),
    reported: z.array(reported),
    queries: queriesRecord,
    run: making,
  })
  .superRefine(({ rows, measures }, context) => {
    const ids = rows.map(({ id }) => id);
    rows.forEach(({ id, before, next, details }, index) => {
      const problem = (field: string, message: string) =>
        context.addIssue({ code: "custom", path: ["rows", index, field], message });
      if (ids.indexOf(id) !== index) problem("id", "every row has an id of its own");
      if (!ids.includes(before)) problem("before", "the id of a row");
      if (!ids.includes(next)) problem("next", "the id of a row");
      const unknown = Object.keys(details).find((detail) => !measures.some((measure) => measure.id === detail));
      if (unknown !== undefined) problem("details", `${unknown} is not one of the measures`);
    });
  });

/** The text of a result file, numbers to four decimals. */
export function languageResultJson(result: LanguageResult): string {
  // Plain data by its schema, which the type of interfaces does not tell.
  return `${jsonText(asRecordedLanguage(result) as unknown as Json)}\n`;
}

/** A result rounded as in its file, so that a computed result is shown like one that was read. */
export function asRecordedLanguage(result: LanguageResult): LanguageResult {
  return checkedBy(languageResult, result, `the result of table ${result.table}`);
}

/** Reads the text of a result file; throws InputError, which names the first wrong field. */
export function parseLanguageResult(content: string, path: string): LanguageResult {
  return checkedBy(languageResult, resultValue(content, path), path);
}
