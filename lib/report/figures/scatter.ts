import { axisTitle, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/axes";
import type { Axis, Figure, PlotTrace } from "../plot/figure";
import { lineHeight, pageOf, pageWidth } from "../plot/layout";
import { colourAt, faintInk, gridColour, ink, symbolAt, symbolBesideColour } from "../plot/palette";
import { brokenText, textLines } from "../plot/text-width";
import { plainText } from "../text/text";
import { legendBelow, legendBeside, legendLines } from "./parts/scatter-legend";

/** Panels beside each other if there are several, and the room between two, in panels. */
const mostColumns = 2;
const gap = 0.08;

/** The greatest side of a panel, pixels as all sizes here. */
const largest = 400;

/** Above the panels, with or without titles; below and left of them for an axis title. */
const above = { titled: 34, untitled: 12 } as const;
const axis = 48;
const left = 44;

/** Between two rows of panels, for a title. */
const between = 40;

/**
 * One embedding in two dimensions. `colour` and `symbol` are labels, not drawing instructions;
 * `panel` names its plot. If the two labels agree at every point, the legend names each pair once.
 */
export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  readonly symbol: string;
  readonly panel?: string;
}

export interface ScatterOptions {
  readonly title?: string;
  readonly colourTitle?: string;
  readonly symbolTitle?: string;
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** Hexadecimal colours of labels; labels not named take the palette's. */
  readonly colours?: Readonly<Record<string, string>>;
  /** plotly symbols of labels; labels not named take one of their own. */
  readonly symbols?: Readonly<Record<string, string>>;
}

/**
 * Points in colours by one label and symbols by another, panels side by side. The legend is at the
 * right; if it names pairs, which may have long names, it is below.
 */
export function scatterFigure(points: readonly ScatterPoint[], options: ScatterOptions = {}): Figure {
  const { title = "Embeddings in two dimensions", xTitle = "component 1", yTitle = "component 2" } = options;
  const names = distinct(points.map(({ panel }) => panel ?? ""));
  const columns = Math.min(mostColumns, Math.max(1, names.length));
  const encoding = encodingOf(points, options);
  const legend = encoding.paired ? legendBelow([...encoding.colours.keys()]) : legendBeside;
  const side = Math.min(largest, (pageWidth - left - legend.right) / (columns + gap * (columns - 1)));
  const rows = Math.ceil(names.length / columns);
  const titles = names.map((name) => textLines(name, side, { size: 14 }).length);
  const room = between + lineHeight * (Math.max(1, ...titles) - 1);
  const panels = panelGrid(names, columns, { x: gap, y: room / side });
  return {
    data: [
      ...panels.flatMap((panel) => panelTraces(points.filter(isIn(panel.content)), panel, encoding)),
      ...legendTraces(encoding, options),
    ],
    layout: {
      ...pageOf({
        title,
        described: { kind: "Scatter plot", axes: [xTitle, yTitle], items: names.map(inWords(points)) },
        panels: { rows, height: Math.round(side), between: room },
        above: names.some((name) => name !== "") ? above.titled + room - between : above.untitled,
        axis,
        legend,
        left,
        right: Math.max(legend.right, pageWidth - left - Math.round(side * (columns + gap * (columns - 1)))),
      }),
      ...panelAxes(panels, ({ index }) => ({
        x: bareAxis(index >= panels.length - columns ? xTitle : ""),
        y: bareAxis(index % columns === 0 ? yTitle : ""),
      })),
      annotations: panels.map((panel) => panelTitle(panel, panel.content, side)),
    },
  };
}

/** How many points of which labels a panel has. */
function inWords(points: readonly ScatterPoint[]): (panel: string) => string {
  return (panel) => {
    const own = points.filter(isIn(panel));
    const labels = distinct(
      own.map(({ colour, symbol }) => (colour === symbol ? colour : `${colour} ${symbol}`.trim())),
    );
    return `${panel === "" ? "" : `${panel}: `}${own.length} points of ${labels.join(", ")}`;
  };
}

/** Which colour and which symbol each label has. */
interface Encoding {
  /** Whether colour and symbol stand for the same label at every point. */
  readonly paired: boolean;
  readonly colours: ReadonlyMap<string, string>;
  readonly symbols: ReadonlyMap<string, string>;
}

function encodingOf(points: readonly ScatterPoint[], { colours = {}, symbols = {} }: ScatterOptions): Encoding {
  const colourLabels = distinct(points.map(({ colour }) => colour));
  const symbolLabels = distinct(points.map(({ symbol }) => symbol));
  const paired = points.every(({ colour, symbol }) => colour === symbol);
  const symbolOf = paired ? symbolBesideColour : symbolAt;
  return {
    paired,
    colours: new Map(colourLabels.map((label, index) => [label, colours[label] ?? colourAt(index)])),
    symbols: new Map(symbolLabels.map((label, index) => [label, symbols[label] ?? symbolOf(index)])),
  };
}

function panelTraces(points: readonly ScatterPoint[], { suffix }: Panel, encoding: Encoding): readonly PlotTrace[] {
  const pairs = distinct(points.map(({ colour, symbol }) => JSON.stringify([colour, symbol])));
  return pairs.map((pair) => {
    const [colour, symbol] = JSON.parse(pair) as [string, string];
    const members = points.filter((point) => point.colour === colour && point.symbol === symbol);
    return {
      ...mark(encoding.colours.get(colour) ?? ink, encoding.symbols.get(symbol) ?? "circle"),
      x: members.map(({ x }) => x),
      y: members.map(({ y }) => y),
      name: plainText(colour === symbol ? colour : `${colour} ${symbol}`.trim()),
      xaxis: `x${suffix}`,
      yaxis: `y${suffix}`,
      showlegend: false,
      hovertemplate: "%{fullData.name}<extra></extra>",
    };
  });
}

/** Empty traces that name each colour and each symbol once or, if these are paired, each pair. */
function legendTraces({ colours, symbols, paired }: Encoding, options: ScatterOptions): readonly PlotTrace[] {
  const { colourTitle = "colour", symbolTitle = "symbol" } = options;
  const entry = (label: string, colour: string, symbol: string): PlotTrace & { readonly type: "scatter" } => ({
    ...mark(colour, symbol),
    x: [null],
    y: [null],
    name: brokenText(legendLines(label)),
  });
  if (paired) return [...colours].map(([label, colour]) => entry(label, colour, symbols.get(label) ?? "circle"));
  const under = (title: string): Pick<PlotTrace, "legendgroup" | "legendgrouptitle"> => ({
    legendgroup: title,
    legendgrouptitle: { text: plainText(title) },
  });
  return [
    ...[...colours].map(([label, colour]) => ({ ...entry(label, colour, "circle"), ...under(colourTitle) })),
    ...[...symbols].map(([label, symbol]) => ({ ...entry(label, faintInk, symbol), ...under(symbolTitle) })),
  ];
}

function mark(color: string, symbol: string): Pick<PlotTrace & { type: "scatter" }, "type" | "mode" | "marker"> {
  const marker = { color, symbol, size: 8, opacity: 0.8, line: { color: "white", width: 0.6 } };
  return { type: "scatter", mode: "markers", marker };
}

/** A frame and a name without numbers: the coordinates of a projection have no unit. */
function bareAxis(title: string): Axis {
  return {
    title: axisTitle(plainText(title)),
    showticklabels: false,
    showgrid: false,
    zeroline: false,
    linecolor: gridColour,
    mirror: true,
    ticks: "",
  };
}

function isIn(name: string): (point: ScatterPoint) => boolean {
  return ({ panel = "" }) => panel === name;
}

function distinct(labels: readonly string[]): readonly string[] {
  return [...new Set(labels)];
}
