import { wrappedText } from "../text/text";
import type { Annotation, Axis, Layout, Legend } from "./figure";
import { gridColour, ink } from "./palette";

/** The first one comes with the renderer, so that its pictures do not depend on the fonts of a machine. */
const family = "DejaVu Sans, Verdana, Arial, sans-serif";

/** The sizes of a picture from the plotting area outwards, pixels; `above` lies between the heading and the plotting area. */
interface Area {
  readonly width: number;
  readonly plot: number;
  readonly above: number;
  readonly below: number;
  readonly left: number;
  readonly right: number;
}

/** What all figures share: white ground, 14-pixel type, a heading at the top left, room for all of it. */
export function baseLayout(area: Area, title: string, subtitle = ""): Layout {
  const lines = title === "" ? [] : wrappedText(title, Math.floor(area.width / 10.5)).split("<br>");
  if (subtitle !== "") {
    const wrapped = wrappedText(subtitle, Math.floor(area.width / 8.5)).split("<br>");
    lines.push(...wrapped.map((line) => `<span style="font-size: 14px">${line}</span>`));
  }
  const top = 10 + 23 * lines.length + area.above;
  const height = top + area.plot + area.below;
  return {
    width: area.width,
    height,
    title: heading(lines, height),
    font: { family, size: 14, color: ink },
    paper_bgcolor: "white",
    plot_bgcolor: "white",
    margin: { l: area.left, r: area.right, t: top, b: area.below },
    showlegend: false,
  };
}

/** plotly moves a title of several lines up by half of the lines after the first. */
function heading(lines: readonly string[], height: number): NonNullable<Layout["title"]> {
  const y = 1 - (14 + 11 * Math.max(0, lines.length - 1)) / height;
  const place = { x: 0.012, xanchor: "left", y, yref: "container", yanchor: "top" } as const;
  return { text: lines.join("<br>"), ...place, font: { size: 17 } };
}

/** Below the axis title, at the left edge of the picture. */
export const bottomLegend: Legend = {
  orientation: "h",
  x: 0.012,
  xref: "container",
  xanchor: "left",
  y: 0.01,
  yref: "container",
  yanchor: "bottom",
};

/** An axis with grid lines and no heavy zero line; its title says the unit. */
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

/** Ticks from 0 to at most `highest` in at least `steps` and less than 2.5 times as many steps of 1, 2 or 5 times a power of ten. */
export function ticksUpTo(highest: number, steps: number): readonly number[] {
  if (!(highest > 0)) return [0];
  const longest = highest / steps;
  const power = 10 ** Math.floor(Math.log10(longest));
  const step = power * ([5, 2].find((factor) => factor * power <= longest) ?? 1);
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

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
