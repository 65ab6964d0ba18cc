import type { Figure } from "./figure";
import { type FrameLike, frameLines } from "./frame-text";
import { shownText } from "./plain-text";

/** What a notebook cell can show: a figure, a data frame, the bytes of a PNG, or Markdown. */
export type Showable = Figure | FrameLike | Uint8Array | string;

/** A value in a terminal: data frames and Markdown as they are, pictures by name. */
export function plainForm(value: Showable): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return `[PNG image, ${value.length} bytes]`;
  if ("layout" in value) return `[figure: ${shownText(value.layout.title?.text ?? "") || "untitled"}]`;
  return frameLines(value);
}
