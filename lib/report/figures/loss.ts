import type { History } from "../../experiments/results/result";
import { gridAxis, panelAxes } from "../plot/axes";
import type { Annotation, Figure, PlotTrace } from "../plot/figure";
import { lineHeight, pageOf, pageWidth } from "../plot/layout";
import { roleOfName, roleStyles } from "../plot/roles";
import { brokenText, textLines } from "../plot/text-width";
import { plainText } from "../text/text";
import { type LossGroup, lossGroups } from "./parts/loss-groups";

/** Panels beside each other, the margins and the room between two, pixels as all sizes here. */
const columns = 3;
const left = 62;
const right = 14;
const gap = 40;
const panelWidth = (pageWidth - left - right - gap * (columns - 1)) / columns;

/** The height of a panel and of the ticks' labels. */
const panelHeight = 92;
const ticksRoom = 28;

/** Above a heading, between it and the titles, and between a title and its panel. */
const beforeHeading = 20;
const afterHeading = 10;
const afterTitle = 5;

/** Below the last panels, for the title of their axis. */
const axisRoom = 50;

/** A panel with its place from the top left corner of the plotting area, pixels. */
interface LossPanel {
  readonly label: string;
  readonly title: readonly string[];
  readonly suffix: string;
  readonly left: number;
  readonly top: number;
  readonly first: boolean;
}

/** All panels, and the headings of the kinds of training. */
interface LossPage {
  readonly panels: readonly LossPanel[];
  readonly headings: readonly { readonly lines: readonly string[]; readonly top: number }[];
  readonly height: number;
}

/**
 * Training loss by epoch, with a panel for each model and a line for each seed: backbones,
 * side-information and transformations h apart, each in the colour of its role. Each panel has its
 * own scale, since losses of different kinds cannot be compared.
 */
export function lossFigure(histories: readonly History[], title = "Training loss by epoch"): Figure {
  const page = lossPage(lossGroups([...new Set(histories.map(({ label }) => label))]));
  const seeds = new Set(histories.map(({ seed }) => seed));
  return {
    data: histories.map((history) => lossLine(history, page)),
    layout: {
      ...pageOf({
        title,
        subtitle:
          seeds.size > 1
            ? `${seeds.size} seeds, a line each; each panel has a scale of its own`
            : "one seed; each panel has a scale of its own",
        described: {
          kind: "Line plots",
          axes: ["Horizontally: epoch", "vertically: loss"],
          items: histories.map(inWords),
        },
        panels: { rows: 1, height: page.height },
        above: 0,
        axis: axisRoom,
        left,
        right,
      }),
      ...lossAxes(page),
      annotations: [
        ...page.headings.map(({ lines, top }) => written(`<b>${brokenText(lines)}</b>`, 12 - left, top, page)),
        ...page.panels.map((panel) => titleOf(panel, page)),
        written("epoch", 0, page.height + 20, page),
      ],
    },
  };
}

/** Places the panels of each kind in rows, with room for the tallest title of each row. */
function lossPage(groups: readonly LossGroup[]): LossPage {
  const panels: LossPanel[] = [];
  const headings: LossPage["headings"][number][] = [];
  let y = 0;
  for (const { heading, models } of groups) {
    const lines = textLines(heading, pageWidth - 30, { size: 14, bold: true });
    headings.push({ lines, top: y + beforeHeading });
    y += beforeHeading + lineHeight * lines.length + afterHeading;
    for (let start = 0; start < models.length; start += columns) {
      const row = models.slice(start, start + columns);
      const titles = row.map(({ name }) => textLines(name, panelWidth + right - 2, { size: 14 }));
      const top = y + lineHeight * Math.max(...titles.map(({ length }) => length)) + afterTitle;
      row.forEach(({ label }, column) => {
        const suffix = panels.length === 0 ? "" : String(panels.length + 1);
        const place = { left: column * (panelWidth + gap), top, first: column === 0 };
        panels.push({ label, title: titles[column] ?? [], suffix, ...place });
      });
      y = top + panelHeight + ticksRoom;
    }
  }
  return { panels, headings, height: Math.max(1, y - ticksRoom) };
}

const plotWidth = pageWidth - left - right;

function lossAxes({ panels, height }: LossPage): ReturnType<typeof panelAxes> {
  const placed = panels.map((panel, index) => ({
    content: panel,
    index,
    suffix: panel.suffix,
    x: [panel.left / plotWidth, Math.min(1, (panel.left + panelWidth) / plotWidth)] as const,
    y: [Math.max(0, 1 - (panel.top + panelHeight) / height), 1 - panel.top / height] as const,
  }));
  return panelAxes(placed, ({ content }) => ({
    x: { ...gridAxis("", { nticks: 4 }), automargin: false },
    y: { ...gridAxis(content.first ? "loss" : "", { nticks: 4, rangemode: "tozero" }), automargin: false },
  }));
}

function titleOf({ title, left: x, top }: LossPanel, page: LossPage): Annotation {
  const at = written(brokenText(title), x, top - afterTitle, page);
  return { ...at, yanchor: "bottom" };
}

/** A text with its top left corner at a place in pixels from that of the plotting area. */
function written(text: string, x: number, top: number, { height }: LossPage): Annotation {
  const at = { x: 0, xshift: x, y: 1 - top / height, xref: "paper", yref: "paper" } as const;
  return { text, ...at, showarrow: false, xanchor: "left", yanchor: "top", align: "left" };
}

function inWords({ label, seed, loss }: History): string {
  const [first = Number.NaN] = loss;
  const last = loss.at(-1) ?? Number.NaN;
  return `${label}, seed ${seed}: from ${first.toPrecision(3)} to ${last.toPrecision(3)} in ${loss.length} epochs`;
}

function lossLine({ label, seed, loss }: History, { panels }: LossPage): PlotTrace {
  const suffix = panels.find((panel) => panel.label === label)?.suffix ?? "";
  const { colour } = roleStyles[roleOfName(label)];
  return {
    type: "scatter",
    mode: loss.length > 1 ? "lines" : "markers",
    name: `seed ${seed}`,
    text: loss.map(() => plainText(label)),
    showlegend: false,
    x: loss.map((_, epoch) => epoch + 1),
    y: loss,
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    line: { color: colour, width: 1.8 },
    marker: { color: colour, symbol: "circle", size: 8 },
    cliponaxis: false,
    hovertemplate: "%{text}, epoch %{x}: %{y:.4g}<extra>%{fullData.name}</extra>",
  };
}
