import { axisTitle, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/axes";
import type { Axis, Figure, PlotTrace } from "../plot/figure";
import { bottomLegend, type LegendRoom, pageOf } from "../plot/layout";
import { colourAt, faintInk, gridColour, ink, symbolAt, symbolBesideColour } from "../plot/palette";
import { plainText } from "../text/text";

/** Widths of a figure with one panel and with several, pixels. */
const widths = { one: 620, several: 900 } as const;

/** The room between two panels, in panels. */
const gap = 0.08;

/** Above the panels, with or without titles; below and left of them for an axis title, pixels. */
const above = { titled: 52, untitled: 12 } as const;
const axis = 52;
const left = 44;

/** Pixels of a character of a panel's title, on average. */
const titleCharacter = 8;

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
  const { title = "", xTitle = "component 1", yTitle = "component 2" } = options;
  const names = distinct(points.map(({ panel }) => panel ?? ""));
  const panels = panelGrid(names, names.length, { x: gap, y: 0 });
  const width = names.length === 1 ? widths.one : widths.several;
  const encoding = encodingOf(points, options);
  const legend = encoding.paired ? legendBelow([...encoding.colours.keys()], width) : legendBeside;
  const side = (width - left - legend.right) / (names.length + gap * (names.length - 1));
  const axes = { x: bareAxis(xTitle), y: bareAxis(yTitle) };
  return {
    data: [
      ...panels.flatMap((panel) => panelTraces(points.filter(isIn(panel.content)), panel, encoding)),
      ...legendTraces(encoding, options),
    ],
    layout: {
      ...pageOf({
        title,
        width,
        panels: { rows: 1, height: Math.round(side) },
        above: names.some((name) => name !== "") ? above.titled : above.untitled,
        axis,
        legend,
        left,
        right: legend.right,
      }),
      ...panelAxes(panels, ({ suffix }) => (suffix === "" ? axes : { x: axes.x, y: bareAxis("") })),
      annotations: panels.map((panel) => panelTitle(panel, panel.content, Math.floor(side / titleCharacter))),
    },
  };
}

/** A legend and the right margin beside it, pixels. */
interface ScatterLegend extends LegendRoom {
  readonly right: number;
}

const legendBeside: ScatterLegend = {
  place: { orientation: "v", x: 1.02, xanchor: "left", y: 1, yanchor: "top", itemsizing: "constant" },
  shown: true,
  height: 0,
  right: 146,
};

/** The legend below: pixels of a line, of a character, of an entry's edge and of its symbol. */
const entrySize = { line: 20, character: 8.6, edge: 12, symbol: 44 } as const;

/** Columns of entries as wide as the longest name. */
function legendBelow(names: readonly string[], width: number): ScatterLegend {
  const entry = entrySize.edge + entrySize.character * Math.max(1, ...names.map(({ length }) => length));
  const columns = Math.max(1, Math.floor((width - 24) / (entry + entrySize.symbol)));
  const place = { ...bottomLegend, entrywidth: entry, entrywidthmode: "pixels", itemsizing: "constant" } as const;
  return { place, shown: true, height: 16 + entrySize.line * Math.ceil(names.length / columns), right: 16 };
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
    name: plainText(label),
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
  const marker = { color, symbol, size: 9, opacity: 0.8, line: { color: "white", width: 0.6 } };
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
