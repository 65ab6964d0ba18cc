import { typographic } from "../text/text";

/** What an alternative text is computed from. */
export interface Described {
  /** What kind of figure it is, such as "Dot plot". */
  readonly kind: string;
  /** The titles of its axes, such as "horizontally: top-1 (%)". */
  readonly axes?: readonly string[];
  /** What it shows, item by item, such as "old / old 55.7 ± 2.2". */
  readonly items: readonly string[];
}

/** Characters of the items together: a reader listens to all of them. */
const longest = 900;

/** A figure in words: its kind, title and axes, then its items, as far as they are not too many. */
export function altText({ kind, axes = [], items }: Described, titles: readonly string[]): string {
  const heading = [kind, ...titles.filter((title) => title !== "")].join(". ");
  return typographic([heading, ...axes, listed(items)].filter((part) => part !== "").join(". ")).concat(".");
}

function listed(items: readonly string[]): string {
  const lengths = items.map(({ length }) => length + 2);
  const ends = lengths.map((_, index) => lengths.slice(0, index + 1).reduce((sum, length) => sum + length, 0));
  const kept = Math.max(1, ends.filter((end) => end <= longest).length);
  const left = items.length - kept;
  return left > 0 ? `${items.slice(0, kept).join("; ")}; and ${left} more` : items.join("; ");
}
