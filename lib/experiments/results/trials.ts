import { z } from "zod";
import { boundedJson } from "../../core/input/json";
import { InputError } from "../../core/input-error";

const text = z.string().min(1);

/** A choice that may have been made by looking at results, and on which images. */
export interface RecordedTrial {
  readonly choice: string;
  /** The value that was kept. */
  readonly chosen: string;
  /** The values that were tried, the chosen one among them; null if they are not recorded. */
  readonly values: readonly string[] | null;
  /** How many values were tried; null if it is not recorded. */
  readonly count: number | null;
  readonly metric: string | null;
  readonly scale: string;
  readonly seeds: readonly number[] | null;
  readonly split: "validation" | "test" | "none" | "unknown";
  readonly remark?: string;
}

const trial = z.strictObject({
  choice: text,
  chosen: text,
  values: z.array(text).min(1).nullable(),
  count: z.int().min(1).nullable(),
  metric: text.nullable(),
  scale: text,
  seeds: z.array(z.int()).nullable(),
  split: z.enum(["validation", "test", "none", "unknown"]),
  remark: text.exactOptional(),
});

const trials = z.array(
  trial
    .refine(({ values, chosen }) => values?.includes(chosen) ?? true, {
      path: ["chosen"],
      error: "one of the values that were tried",
    })
    .refine(({ values, count }) => values === null || values.length === count, {
      path: ["count"],
      error: "the number of the values",
    }),
);

/** Reads the text of results/trials.json; throws InputError, which names the first wrong field. */
export function parseTrials(content: string, path: string): readonly RecordedTrial[] {
  const limits = { length: 2 ** 22, depth: 8, values: 100_000 } as const;
  const value = boundedJson(content, limits, (fault) => new InputError({ file: path, fault }));
  const parsed = trials.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError({ file: path, place: issue?.path.join(".") || "the file", fault: issue?.message ?? "" });
}
