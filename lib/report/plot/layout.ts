import { plainText } from "../text/text";
import { altText, type Described } from "./alt";
import type { Layout, Legend } from "./figure";
import { ink } from "./palette";
import { brokenText, textLines } from "./text-width";

/** The first comes with the renderer, so that pictures do not depend on the fonts of a machine. */
const family = "DejaVu Sans, Verdana, Arial, sans-serif";

/**
 * The width of a page and the size of its type. All sizes here are in pixels. In a column of 8.4 cm
 * this type has 6.2 points.
 */
export const pageWidth = 540;
const typeSize = 14;

/** plotly's distance from one line of this type to the next. */
export const lineHeight: number = 1.3 * typeSize;

/** A page's height is a multiple of this: the browser prints it on a page of just that height. */
const heightStep = 8;

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

/** The heading: its edge, a line's height, and the size of its title's type. */
const headingEdge = 10;
const headingLine = 23;
const titleSize = 17;

/** Where the heading and the legend begin, as a share of the width. */
const pageIndent = 0.016;

/** Rows of panels, and the room `between` two of them for titles and labels. */
interface PanelRows {
  readonly rows: number;
  readonly height: number;
  readonly between?: number;
}

/** A page: its heading, its panels and the room around them. */
interface Page {
  /** What the alternative text says beside the heading. */
  readonly described: Described;
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
  const height = heightStep * Math.ceil((top + panels.rows * panels.height + gaps + bottom) / heightStep);
  return {
    width,
    height,
    title: heading(lines, height),
    font: { family, size: typeSize, color: ink },
    paper_bgcolor: "white",
    plot_bgcolor: "white",
    margin: { l: page.left ?? namesMargin, r: page.right ?? bareMargin, t: top, b: bottom },
    showlegend: legend?.shown ?? false,
    meta: { alt: altText(page.described, [title, subtitle]) },
    ...(legend === undefined ? {} : { legend: legend.place }),
  };
}

function headingLines({ title, subtitle, width }: Required<Pick<Page, "title" | "subtitle" | "width">>): string[] {
  const lines = (text: string, size: number): readonly string[] =>
    text === "" ? [] : textLines(text, (1 - 2 * pageIndent) * width, { size }).map(plainText);
  const small = lines(subtitle, typeSize).map((line) => `<span style="font-size: ${typeSize}px">${line}</span>`);
  return [...lines(title, titleSize), ...small];
}

/** plotly draws a title of several lines higher than one of a single line, by this much, pixels. */
const severalRise = 11;

function heading(lines: readonly string[], height: number): NonNullable<Layout["title"]> {
  const y = 1 - (14 + (lines.length > 1 ? severalRise : 0)) / height;
  const place = { x: pageIndent, xanchor: "left", y, yref: "container", yanchor: "top" } as const;
  return { text: lines.join("<br>"), ...place, font: { size: titleSize } };
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

/** The width of an entry of a legend, without its mark. */
const entryWidth = 440;

/** A name in the lines of an entry. */
export function entryText(name: string): string {
  return brokenText(entryLines(name));
}

function entryLines(name: string): readonly string[] {
  return textLines(name, entryWidth, { size: typeSize });
}

/** A legend with an entry below the other, each named by `entryText`. */
export function legendColumn(names: readonly string[]): LegendRoom {
  const place = { ...bottomLegend, entrywidth: entryWidth, entrywidthmode: "pixels" } as const;
  const lines = names.reduce((sum, name) => sum + entryLines(name).length, 0);
  const height = lineHeight * lines + 6 * names.length + 10;
  return { place, shown: names.length > 0, height: names.length === 0 ? 0 : Math.ceil(height) };
}
