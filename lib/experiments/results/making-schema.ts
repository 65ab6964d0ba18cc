import { z } from "zod";
import type { Making, QueriesRecord } from "./result";

const text = z.string().min(1);
const seconds = z
  .number()
  .min(0)
  .transform((value) => rounded(value, 1));

const environment = z.strictObject({
  node: text,
  tensorflow: text,
  platform: text,
  device: text,
  cores: z.int().min(1),
  memoryGiB: seconds,
  commit: text.nullable(),
});

const piece = z.strictObject({
  label: text,
  key: text,
  date: text,
  seconds,
  environment: z.int().min(0),
  dataset: z.int().min(0).exactOptional(),
});

/** The shape of `Making` in a file; parsing rounds its seconds. */
export const making: z.ZodType<Making> = z
  .strictObject({
    date: text,
    trainingSeconds: seconds,
    environment,
    environments: z.array(environment).exactOptional(),
    datasets: z.array(z.record(text, text)).exactOptional(),
    pieces: z.array(piece).exactOptional(),
  })
  .refine(
    ({ environments = [], datasets = [], pieces = [] }) =>
      pieces.every((each) => each.environment < environments.length && (each.dataset ?? -1) < datasets.length),
    { path: ["pieces"], error: "every piece's environment and dataset are among those listed" },
  );

/** The shape of `QueriesRecord` in a file. */
export const queriesRecord: z.ZodType<QueriesRecord> = z.strictObject({
  key: z.string().regex(/^\w+$/, "letters and digits only"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits"),
});

/** A number to so many decimals, never a negative zero. */
export function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals)) + 0;
}
