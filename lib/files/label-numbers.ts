import { InputError } from "../core/input-error";

/**
 * One label an item, as numbers or, where numbers cannot hold them, as texts; or several labels.
 */
export type Labels =
  | { readonly kind: "numbers"; readonly values: Float64Array }
  | { readonly kind: "texts"; readonly values: readonly string[] }
  | { readonly kind: "sets"; readonly values: readonly (readonly string[])[] };

/** Labels of several sides as numbers that mean the same on all of them, and what they were. */
export interface NumberedLabels {
  /** A number for each item, or several. */
  readonly sides: readonly (Float64Array | readonly (readonly number[])[])[];
  readonly nameOf: (label: number) => string;
}

/**
 * Numbers keep their values if all sides are numbers; otherwise equal texts get equal numbers, in
 * the order of the sorted texts. If an item has several labels or none, all sides are lists.
 */
export function numberedLabels(sides: readonly Labels[]): NumberedLabels {
  if (sides.every(({ kind }) => kind === "numbers")) {
    return { sides: sides.map(({ values }) => values as Float64Array), nameOf: String };
  }
  const lists = sides.map(labelLists);
  const names = [...new Set(lists.flat(2))].sort();
  const known = new Map(names.map((text, number) => [text, number]));
  const numbers = lists.map((side) => side.map((own) => own.map((text) => known.get(text) as number)));
  const isSingle = numbers.every((side) => side.every(({ length }) => length === 1));
  return {
    sides: isSingle ? numbers.map((side) => Float64Array.from(side, ([label]) => label as number)) : numbers,
    nameOf: (label) => names[label] ?? String(label),
  };
}

function labelLists({ kind, values }: Labels): readonly (readonly string[])[] {
  switch (kind) {
    case "numbers":
      return Array.from(values, (label) => [String(label)]);
    case "texts":
      return values.map((label) => [label]);
    case "sets":
      return values;
  }
}

/** The same where an item must have one label: `name` says whose they are. Throws InputError. */
export function classNumbers(sides: readonly Labels[], name: string): readonly Float64Array[] {
  return numberedLabels(sides).sides.map((side) => {
    if (side instanceof Float64Array) return side;
    const item = side.findIndex(({ length }) => length !== 1);
    const fault = `has ${side[item]?.length} labels: one for each item is allowed here`;
    throw new InputError({ file: name, place: `item ${item}`, fault });
  });
}

/** The labels of several files, one file after the other. */
export function joinedLabels(parts: readonly Labels[]): Labels {
  if (parts.every(({ kind }) => kind === "numbers")) {
    const values = new Float64Array(parts.reduce((sum, part) => sum + part.values.length, 0));
    let at = 0;
    for (const part of parts) {
      values.set(part.values as Float64Array, at);
      at += part.values.length;
    }
    return { kind: "numbers", values };
  }
  const lists = parts.flatMap(labelLists);
  if (lists.some(({ length }) => length !== 1)) return { kind: "sets", values: lists };
  return { kind: "texts", values: lists.map(([label]) => label as string) };
}
