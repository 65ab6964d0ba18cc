import type { Figure } from "./plot/figure";

/** Any figure that plotly draws: traces of every kind, typed arrays, titles as text. */
export interface AnyFigure {
  readonly data: readonly object[];
  readonly layout?: object;
}

const defaultWidth = 760;
const defaultHeight = 450;

/** Members that hold what belongs to the user. */
const opaque: ReadonlySet<string> = new Set(["customdata", "meta"]);

/**
 * The figure as plain data for plotly 3, with a size: typed arrays as arrays, and titles, which it
 * takes as objects only, as such. A figure of the library stays as it is, member by member.
 */
export function sizedFigure({ data, layout = {} }: AnyFigure): Figure {
  const { width = defaultWidth, height = defaultHeight } = layout as Partial<Figure["layout"]>;
  const plain = { data: data.map(plainMembers), layout: { ...plainMembers(layout), width, height } };
  // Beyond its size the figure is plotly's to understand.
  return plain as unknown as Figure;
}

function plainMembers(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainMember(name, member)]));
}

function plainMember(name: string, member: unknown): unknown {
  if (name === "title" && typeof member === "string") return { text: member };
  return opaque.has(name) ? member : plainValue(member);
}

function plainValue(value: unknown): unknown {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as Iterable<number>);
  if (Array.isArray(value)) return value.map(plainValue);
  const isPlain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? plainMembers(value) : value;
}
