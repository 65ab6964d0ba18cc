import type { Axis, Layout, Legend } from "./figure";
import { gridColour, ink } from "./palette";
import { wrappedText } from "./plain-text";

/** The first one comes with the renderer, so that its pictures do not depend on the fonts of a machine. */
const family = "DejaVu Sans, Verdana, Arial, sans-serif";

/** The sizes of a picture from the plotting area outwards, pixels; `above` lies between the heading and the plotting area. */
export interface Area {
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
