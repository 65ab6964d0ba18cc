import type { z } from "zod";
import { boundedJson } from "../../core/input/json";
import { InputError } from "../../core/input-error";

/** A value by a schema. Throws InputError, which names the first wrong field and what it holds. */
export function checkedBy<Schema extends z.ZodType>(schema: Schema, value: unknown, file: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path ?? [];
  const found = shownOf(field.reduce(member, value));
  const place = field.join(".") || "the file";
  throw new InputError({ file, place, fault: `${issue?.message}, found ${found}` });
}

/** The first characters of a value as JSON. */
function shownOf(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 80);
}

// A table of the paper with all its losses takes a hundredth of this.
const limits = { length: 2 ** 27, depth: 32, values: 4_000_000 } as const;

/** The value of a result file's text. Throws InputError if it is not JSON, or too large. */
export function resultValue(content: string, path: string): unknown {
  return boundedJson(content, limits, (fault) => new InputError({ file: path, fault }));
}

function member(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
