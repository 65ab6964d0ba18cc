import { wrappedText } from "../text/text";
import type { Layout, Legend } from "./figure";
import { ink } from "./palette";

/** The first comes with the renderer, so that pictures do not depend on the fonts of a machine. */
const family = "DejaVu Sans, Verdana, Arial, sans-serif";

/** The width of a page. All sizes here are in pixels. */
const pageWidth = 760;

/** The left margin of named rows; plotly widens it as far as the names need. */
const namesMargin = 20;

/** The left margin of an axis of numbers with its title. */
export const numbersMargin = 66;

/** The right margin if nothing stands beside the panels. */
const bareMargin = 24;

/** The height of the labels and the title of a horizontal axis. */
const axisRoom = 60;

/** The same beside a vertical axis of numbers, whose lowest label reaches below the panel. */
export const cornerAxisRoom = 62;

/** The heading: its edge, a line's height, and the mean width of a character in both sizes. */
const headingEdge = 10;
const headingLine = 23;
const titleCharacter = 10.5;
const subtitleCharacter = 8.5;

/** Where the heading and the legend begin, as a share of the width. */
const pageIndent = 0.012;

/** Rows of panels, and the room `between` two of them for titles and labels. */
interface PanelRows {
  readonly rows: number;
  readonly height: number;
  readonly between?: number;
}

/** A page: its heading, its panels and the room around them. */
interface Page {
  readonly title: string;
  readonly subtitle?: string;
  readonly width?: number;
  readonly panels: PanelRows;
  /** Between the heading and the panels. */
  readonly above: number;
  /** Below the panels, for the horizontal axis. */
  readonly axis?: number;
  /** Below the axis; no legend if absent. */
  readonly legend?: LegendRoom;
  /** The margins; by default those of named rows with nothing beside them. */
  readonly left?: number;
  readonly right?: number;
}

/** What all figures share: a white ground, 14-pixel type, a heading at the top left, margins. */
export function pageOf(page: Page): Layout {
  const { title, subtitle = "", width = pageWidth, panels, above, axis = axisRoom, legend } = page;
  const lines = headingLines({ title, subtitle, width });
  const top = headingEdge + headingLine * lines.length + above;
  const bottom = axis + (legend?.height ?? 0);
  const gaps = Math.max(0, panels.rows - 1) * (panels.between ?? 0);
  const height = top + panels.rows * panels.height + gaps + bottom;
  return {
    width,
    height,
    title: heading(lines, height),
    font: { family, size: 14, color: ink },
    paper_bgcolor: "white",
    plot_bgcolor: "white",
    margin: { l: page.left ?? namesMargin, r: page.right ?? bareMargin, t: top, b: bottom },
    showlegend: legend?.shown ?? false,
    ...(legend === undefined ? {} : { legend: legend.place }),
  };
}

function headingLines({ title, subtitle, width }: Required<Pick<Page, "title" | "subtitle" | "width">>): string[] {
  const wrapped = (text: string, character: number): readonly string[] =>
    text === "" ? [] : wrappedText(text, Math.floor(width / character)).split("<br>");
  const small = wrapped(subtitle, subtitleCharacter).map((line) => `<span style="font-size: 14px">${line}</span>`);
  return [...wrapped(title, titleCharacter), ...small];
}

/** plotly moves a title of several lines up by half the height of the lines after the first. */
function heading(lines: readonly string[], height: number): NonNullable<Layout["title"]> {
  const y = 1 - (14 + 11 * Math.max(0, lines.length - 1)) / height;
  const place = { x: pageIndent, xanchor: "left", y, yref: "container", yanchor: "top" } as const;
  return { text: lines.join("<br>"), ...place, font: { size: 17 } };
}

/** A legend and the height that it takes below the axis title. */
export interface LegendRoom {
  readonly place: Legend;
  readonly shown: boolean;
  readonly height: number;
}

/** The place below the axis title, at the left edge of the page. */
export const bottomLegend: Legend = {
  orientation: "h",
  x: pageIndent,
  xref: "container",
  xanchor: "left",
  y: 0.01,
  yref: "container",
  yanchor: "bottom",
};

/** A legend with its entries side by side. */
export function legendRow({ shown = true }: { readonly shown?: boolean } = {}): LegendRoom {
  return { place: bottomLegend, shown, height: shown ? 32 : 0 };
}

/** A legend with a line for each entry. */
export function legendColumn(
  entries: number,
  { shown = true, entryWidth = 640 }: { readonly shown?: boolean; readonly entryWidth?: number } = {},
): LegendRoom {
  const place = { ...bottomLegend, entrywidth: entryWidth, entrywidthmode: "pixels" } as const;
  return { place, shown, height: shown ? 24 * entries + 10 : 0 };
}
