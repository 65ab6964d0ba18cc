import type { Axis, Figure, Legend, PlotTrace } from "../plot/figure";
import { axisTitle, baseLayout, bottomLegend, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/layout";
import { colourAt, faintInk, gridColour, ink, symbolAt, symbolBesideColour } from "../plot/palette";
import { plainText } from "../text/text";

/**
 * One embedding in two dimensions: `colour` and `symbol` are labels, not drawing instructions; `panel` names its plot. Where the two
 * are the same label at every point, the legend names each pair once.
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

/** Points coloured by one label with symbols by another, a plot a panel side by side, the legend at the right of them. */
export function scatterFigure(points: readonly ScatterPoint[], options: ScatterOptions = {}): Figure {
  const { title = "", xTitle = "component 1", yTitle = "component 2" } = options;
  const names = distinct(points.map(({ panel }) => panel ?? ""));
  const panels = panelGrid(names.length, names.length, { x: 0.08, y: 0 });
  const width = names.length === 1 ? 620 : 900;
  const encoding = encodingOf(points, options);
  const legend = encoding.paired ? legendBelow([...encoding.colours.keys()], width) : legendBeside;
  const side = (width - 44 - legend.right) / (names.length + 0.08 * (names.length - 1));
  const above = names.some((name) => name !== "") ? 52 : 12;
  const axes = { x: bareAxis(xTitle), y: bareAxis(yTitle) };
  return {
    data: [
      ...panels.flatMap((panel) => panelTraces(points.filter(isIn(names[panel.index] ?? "")), panel, encoding)),
      ...legendTraces(encoding, options),
    ],
    layout: {
      ...baseLayout(
        { width, plot: Math.round(side), above, below: legend.below, left: 44, right: legend.right },
        title,
      ),
      showlegend: true,
      legend: legend.place,
      ...panelAxes(panels, ({ suffix }) => (suffix === "" ? axes : { x: axes.x, y: bareAxis("") })),
      annotations: panels.map((panel) => panelTitle(panel, names[panel.index] ?? "", Math.floor(side / 8))),
    },
  };
}

/** A legend and the margins that hold it, pixels. */
interface LegendRoom {
  readonly place: Legend;
  readonly below: number;
  readonly right: number;
}

const legendBeside: LegendRoom = {
  place: { orientation: "v", x: 1.02, xanchor: "left", y: 1, yanchor: "top", itemsizing: "constant" },
  below: 52,
  right: 146,
};

/** Long names find room below the plots only, in columns as wide as the longest. */
function legendBelow(names: readonly string[], width: number): LegendRoom {
  const entry = 12 + 8.6 * Math.max(1, ...names.map(({ length }) => length));
  const columns = Math.max(1, Math.floor((width - 24) / (entry + 44)));
  const place = { ...bottomLegend, entrywidth: entry, entrywidthmode: "pixels", itemsizing: "constant" } as const;
  return { place, below: 68 + 20 * Math.ceil(names.length / columns), right: 16 };
}

/** Which colour and which symbol each label has. */
interface Encoding {
  /** Whether every point's colour and symbol stand for the same label. */
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

/** Empty traces that name each colour and each symbol once, instead of every pair; or each pair, where they are paired. */
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

/** Coordinates of a projection have no unit: a frame and a name, no numbers. */
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
