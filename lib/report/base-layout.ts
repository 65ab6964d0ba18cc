import type { Axis, Layout, Legend } from "./figure";
import { gridColour, ink } from "./palette";
import { wrappedText } from "./plain-text";

/** The first one comes with the renderer, so that its pictures do not depend on the fonts of a machine. */
const family = "DejaVu Sans, Verdana, Arial, sans-serif";

/** What all figures share: white ground, 14-pixel type, a title at the top left, margins that nothing is clipped by. */
export function baseLayout(size: { width: number; height: number }, title: string): Layout {
  return {
    ...size,
    title: {
      text: wrappedText(title, Math.floor(size.width / 9)),
      x: 0.012,
      xanchor: "left",
      y: 1 - 14 / size.height,
      yref: "container",
      yanchor: "top",
      font: { size: 17 },
    },
    font: { family, size: 14, color: ink },
    paper_bgcolor: "white",
    plot_bgcolor: "white",
    margin: { l: 20, r: 24, t: 56, b: 60 },
    showlegend: false,
  };
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

/** A vertical axis of named rows, the first at the top at 0, the next at 1 and so on. */
export function rowAxis(labels: readonly string[]): Axis {
  return {
    range: [labels.length - 0.5, -0.5],
    tickmode: "array",
    tickvals: labels.map((_, index) => index),
    ticktext: labels.map((label) => wrappedText(label, 30)),
    automargin: true,
    showgrid: false,
    zeroline: false,
    ticks: "",
    ticklabelstandoff: 6,
  };
}

/** The title of an axis in the size of its labels. */
export function axisTitle(text: string): NonNullable<Axis["title"]> {
  return { text, standoff: 10, font: { size: 14 } };
}
