/** A plotly figure as plain data, for plotly.js, JupyterLab and the renderer. Sizes in pixels. */
export interface Figure {
  readonly data: readonly PlotTrace[];
  readonly layout: Layout;
}

export type PlotTrace = BarTrace | ScatterTrace | HeatTrace;

interface CommonTrace {
  readonly x: readonly (number | null)[];
  readonly y: readonly (number | null)[];
  readonly name?: string;
  readonly text?: readonly string[];
  readonly hovertemplate?: string;
  readonly hoverinfo?: "skip";
  readonly showlegend?: boolean;
  /** Which legend names it, such as "legend2"; by default "legend". */
  readonly legend?: string;
  readonly legendgroup?: string;
  readonly legendgrouptitle?: { readonly text: string };
  readonly xaxis?: string;
  readonly yaxis?: string;
}

export interface BarTrace extends CommonTrace {
  readonly type: "bar";
  readonly orientation: "h" | "v";
  readonly textposition: "none";
  /** In units of the axis across the bars. */
  readonly width: number;
  readonly marker: { readonly color: string };
  readonly error_x?: ErrorBars;
}

export interface ScatterTrace extends CommonTrace {
  readonly type: "scatter";
  readonly mode: "lines" | "markers" | "lines+markers";
  readonly marker?: Marker;
  readonly line?: Line;
  /** Whether what reaches beyond the axes is cut off, as it is by default. */
  readonly cliponaxis?: boolean;
  readonly fill?: "toself";
  readonly fillcolor?: string;
  readonly error_x?: ErrorBars;
  readonly error_y?: ErrorBars;
}

/** A coloured cell for each number of `z`, which has a row for each entry of `y`. */
export interface HeatTrace extends CommonTrace {
  readonly type: "heatmap";
  readonly z: readonly (readonly (number | null)[])[];
  readonly zmin: number;
  readonly zmax: number;
  /** Colours at shares of the way from zmin to zmax. */
  readonly colorscale: readonly (readonly [number, string])[];
  readonly showscale: boolean;
  readonly xgap: number;
  readonly ygap: number;
  readonly error_x?: undefined;
}

export interface ErrorBars {
  readonly type: "data";
  readonly array: readonly number[];
  /** How far they reach the other way, if not as far. */
  readonly arrayminus?: readonly number[];
  readonly symmetric?: false;
  readonly color: string;
  readonly thickness: number;
  readonly width: number;
}

export interface Marker {
  readonly color: string;
  readonly symbol: string;
  /** Of all marks, or of each. */
  readonly size: number | readonly number[];
  readonly opacity?: number;
  readonly line?: Line;
}

export interface Line {
  readonly color: string;
  readonly width: number;
  readonly dash?: "solid" | "dash" | "dot" | "dashdot" | "longdash" | "longdashdot";
}

export interface Axis {
  readonly title?: { readonly text: string; readonly standoff?: number; readonly font?: { readonly size: number } };
  readonly type?: "linear" | "log";
  readonly range?: readonly [number, number];
  readonly rangemode?: "tozero" | "normal";
  readonly domain?: readonly [number, number];
  readonly anchor?: string;
  readonly scaleanchor?: string;
  readonly tickmode?: "array";
  readonly tickvals?: readonly number[];
  readonly ticktext?: readonly string[];
  readonly nticks?: number;
  readonly dtick?: number;
  readonly visible?: boolean;
  readonly showticklabels?: boolean;
  readonly automargin?: boolean;
  readonly showgrid?: boolean;
  readonly gridcolor?: string;
  readonly zeroline?: boolean;
  readonly linecolor?: string;
  readonly ticks?: "outside" | "";
  readonly ticklabelstandoff?: number;
  readonly tickangle?: number;
  readonly tickfont?: { readonly size: number };
  readonly mirror?: boolean;
}

export interface Annotation {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly xref: string;
  readonly yref: string;
  readonly showarrow: false;
  readonly xanchor?: "left" | "center" | "right";
  readonly yanchor?: "top" | "middle" | "bottom";
  readonly align?: "left" | "center" | "right";
  readonly xshift?: number;
  readonly yshift?: number;
  readonly bgcolor?: string;
  readonly font?: { readonly size?: number; readonly color?: string };
}

export interface Shape {
  readonly type: "line" | "rect";
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
  readonly xref: string;
  readonly yref: string;
  readonly line: Line;
  readonly layer?: "above" | "between" | "below";
}

export interface LayoutImage {
  readonly source: string;
  readonly x: number;
  readonly y: number;
  readonly sizex: number;
  readonly sizey: number;
  readonly xref: string;
  readonly yref: string;
  readonly xanchor: "left";
  readonly yanchor: "top";
  readonly sizing: "stretch";
  readonly layer: "below";
}

/** Axes are members named xaxis, yaxis, xaxis2, ... */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The figure in words, for those who do not see it. plotly keeps it and shows nothing of it. */
  readonly meta?: { readonly alt: string };
  readonly title?: {
    readonly text: string;
    readonly x: number;
    readonly xanchor: "left";
    readonly y?: number;
    readonly yref?: "container";
    readonly yanchor?: "top";
    readonly font?: { readonly size: number };
  };
  readonly font?: { readonly family: string; readonly size: number; readonly color: string };
  readonly margin?: { readonly l: number; readonly r: number; readonly t: number; readonly b: number };
  readonly paper_bgcolor?: string;
  readonly plot_bgcolor?: string;
  readonly showlegend?: boolean;
  readonly legend?: Legend;
  readonly barmode?: "overlay";
  readonly annotations?: readonly Annotation[];
  readonly shapes?: readonly Shape[];
  readonly images?: readonly LayoutImage[];
  readonly [axis: `xaxis${string}` | `yaxis${string}`]: Axis;
  readonly [further: `legend${number}`]: Legend;
}

export interface Legend {
  readonly orientation: "h" | "v";
  readonly x: number;
  readonly y: number;
  readonly xref?: "container" | "paper";
  readonly yref?: "container" | "paper";
  readonly xanchor: "left" | "right";
  readonly yanchor: "top" | "bottom";
  readonly entrywidth?: number;
  readonly entrywidthmode?: "pixels";
  readonly itemsizing?: "constant" | "trace";
  readonly itemwidth?: number;
  readonly tracegroupgap?: number;
}
