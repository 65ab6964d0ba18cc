import type { Annotation, Axis } from "./figure";
import { gridColour } from "./palette";
import { brokenText, textLines, textWidth } from "./text-width";

/** An axis with grid lines and no heavy zero line. Its title should say the unit. */
export function gridAxis(title: string, axis: Axis = {}): Axis {
  return {
    title: axisTitle(title),
    automargin: true,
    gridcolor: gridColour,
    zeroline: false,
    linecolor: gridColour,
    ...axis,
  };
}

/** The title of an axis in the size of its labels. */
export function axisTitle(text: string): NonNullable<Axis["title"]> {
  return { text, standoff: 10, font: { size: 14 } };
}

/**
 * Ticks from 0 to at most `highest`, in steps of 1, 2 or 5 times a power of ten. There are at
 * least `steps` of them and fewer than 2.5 times that number.
 */
export function ticksUpTo(highest: number, steps: number): readonly number[] {
  if (!(highest > 0)) return [0];
  const longest = highest / steps;
  const power = 10 ** Math.floor(Math.log10(longest));
  const step = power * ([5, 2].find((factor) => factor * power <= longest) ?? 1);
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

/** The least room between the labels of two ticks, pixels. */
const ticksGap = 3;

/** Ticks whose labels do not meet, from the first on; `pixels` says where a tick stands. */
export function ticksApart(ticks: readonly number[], pixels: (tick: number) => number): readonly number[] {
  const widthOf = (tick: number): number => textWidth(tickTexts([tick])[0] ?? "", { size: 14 });
  const kept: number[] = [];
  for (const tick of ticks) {
    const last = kept.at(-1);
    const needed = last === undefined ? 0 : (widthOf(last) + widthOf(tick)) / 2 + ticksGap;
    if (last === undefined || Math.abs(pixels(tick) - pixels(last)) >= needed) kept.push(tick);
  }
  return kept;
}

/** One of several plots on a page, with its share of the plotting area. */
export interface Panel<Content = unknown> {
  readonly content: Content;
  readonly index: number;
  /** What follows "x" and "y" in the names of its axes. */
  readonly suffix: string;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/**
 * A panel for each of `contents`, in rows of `columns`. A gap is the room between two, in panels.
 */
export function panelGrid<Content>(
  contents: readonly Content[],
  columns: number,
  gap: { readonly x: number; readonly y: number },
): readonly Panel<Content>[] {
  const rows = Math.ceil(contents.length / columns);
  const span = (index: number, total: number, share: number): [number, number] => {
    const size = 1 / (total + share * (total - 1));
    const start = index * size * (1 + share);
    return [start, Math.min(1, start + size)];
  };
  return contents.map((content, index) => {
    const [low, high] = span(Math.floor(index / columns), rows, gap.y);
    const suffix = index === 0 ? "" : String(index + 1);
    return { content, index, suffix, x: span(index % columns, columns, gap.x), y: [1 - high, 1 - low] };
  });
}

/** The layout members that place the panels' axes. */
export function panelAxes<Content>(
  panels: readonly Panel<Content>[],
  axes: (panel: Panel<Content>) => { readonly x: Axis; readonly y: Axis },
): Readonly<Record<`xaxis${string}` | `yaxis${string}`, Axis>> {
  return Object.fromEntries(
    panels.flatMap((panel) => {
      const { x, y } = axes(panel);
      return [
        [`xaxis${panel.suffix}`, { ...x, domain: panel.x, anchor: `y${panel.suffix}` }],
        [`yaxis${panel.suffix}`, { ...y, domain: panel.y, anchor: `x${panel.suffix}` }],
      ];
    }),
  );
}

/** Numbers as ticks: 20k for 20,000, and a true minus sign. */
export function tickTexts(ticks: readonly number[]): readonly string[] {
  return ticks.map((tick) => {
    const size = Math.abs(tick);
    const text = size >= 1000 && size % 100 === 0 ? `${size / 1000}k` : size.toLocaleString("en-US");
    return tick < 0 ? `−${text}` : text;
  });
}

/** A panel's title above its top left corner, in lines of at most `width` pixels. */
export function panelTitle({ x, y }: Panel, title: string, width: number): Annotation {
  return {
    text: brokenText(textLines(title, width, { size: 14 })),
    x: x[0],
    y: y[1],
    xref: "paper",
    yref: "paper",
    showarrow: false,
    xanchor: "left",
    yanchor: "bottom",
    align: "left",
  };
}
