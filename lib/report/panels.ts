import type { Annotation, Axis } from "./figure";
import { wrappedText } from "./plain-text";

/** One of several plots in a picture: the names of its axes and the share of the plotting area it takes. */
export interface Panel {
  readonly index: number;
  readonly suffix: string;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** `count` panels in rows of `columns` from the top left; a gap is the share of its own panel left empty before the next. */
export function panelGrid(count: number, columns: number, gap: { x: number; y: number }): readonly Panel[] {
  const rows = Math.ceil(count / columns);
  const span = (index: number, total: number, share: number): [number, number] => {
    const size = 1 / (total + share * (total - 1));
    const start = index * size * (1 + share);
    return [start, Math.min(1, start + size)];
  };
  return Array.from({ length: count }, (_, index) => {
    const [low, high] = span(Math.floor(index / columns), rows, gap.y);
    const suffix = index === 0 ? "" : String(index + 1);
    return { index, suffix, x: span(index % columns, columns, gap.x), y: [1 - high, 1 - low] };
  });
}

/** The layout members that place the panels' axes. */
export function panelAxes(
  panels: readonly Panel[],
  axes: (panel: Panel) => { readonly x: Axis; readonly y: Axis },
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

/** A panel's title, above its left corner, broken at `width` characters. */
export function panelTitle({ x, y }: Panel, title: string, width: number): Annotation {
  return {
    text: wrappedText(title, width),
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
