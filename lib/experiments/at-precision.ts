import { isPlainObject } from "../core/hash";
import type { Precision } from "../tf/graph/precision";
import type { Table } from "./table";

/**
 * The table whose models are all trained, and embed, at a precision. At bfloat16 its id and its
 * title say so, and with them its results and their files.
 */
export function atPrecision(table: Table, precision: Precision): Table {
  if (precision === "float32") return table;
  return {
    ...table,
    id: `${table.id}-${precision}`,
    title: `${table.title}, computed in ${precision}`,
    rows: (scale, seed) => table.rows(scale, seed).map((row) => withPrecision(row, precision)),
  };
}

/** Plain data with the precision in every recipe, wherever a model stands. */
function withPrecision<T>(value: T, precision: Precision): T {
  if (Array.isArray(value)) return value.map((item) => withPrecision(item, precision)) as T;
  if (!isPlainObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => {
    const isRecipe = name === "recipe" && isPlainObject(member);
    return [name, isRecipe ? { ...member, precision } : withPrecision(member, precision)] as const;
  });
  return Object.fromEntries(members) as T;
}
