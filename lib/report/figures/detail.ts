import type { Measure, Summary } from "../../experiments/results/result";
import { type Panel, panelAxes, panelGrid } from "../plot/axes";
import { dotTraces } from "../plot/dots";
import type { Annotation, Figure, PlotTrace } from "../plot/figure";
import { lineHeight, pageOf, pageWidth } from "../plot/layout";
import { gridColour } from "../plot/palette";
import { groupHeadings, rowAxis, rowPlaces } from "../plot/row-places";
import { brokenText, textLines } from "../plot/text-width";
import { measureNamed } from "../text/rows";
import { plainText } from "../text/text";
import {
  columnAxis,
  columnsOf,
  type DetailColumn,
  type DetailOptions,
  type DetailPlaces,
  type DetailRow,
  numberText,
} from "./parts/detail-columns";

/** Panels beside each other, and the room between two, in panels. */
const mostColumns = 2;
const gap = 0.1;

/** Above the first and between two rows of panels; right of the last, for half a tick's label. */
const above = 14;
const rightMargin = 18;

/** Below a panel, for the ticks' labels, pixels. */
const ticksRoom = 40;

/** A row with its number of one measure. */
interface Measured {
  readonly row: DetailRow;
  readonly place: number;
  readonly summary: Summary;
}

/** A result of any table whose rows have measures. */
interface DetailedResult {
  readonly dataset: string;
  readonly seeds: readonly number[];
  readonly measures?: readonly Measure[];
  readonly rows: readonly DetailRow[];
}

/**
 * Chosen measures of every row that has one of them, as dots in the colours of the rows' roles with
 * a stem from 0 (without one on a logarithmic axis, where a 0 is written alone). Each measure has a
 * panel and an axis of its own, but a leftward one and its neighbour share a scale. Throws
 * RangeError for an id that the result's measures lack.
 */
export function detailFigure(
  { dataset, rows, seeds, measures = [] }: DetailedResult,
  measureIds: readonly string[],
  options: DetailOptions = {},
): Figure {
  const chosen = measureIds.map((id) => measureNamed(measures, id));
  const places = rowPlaces(rows.filter(({ details }) => chosen.some(({ id }) => details?.[id] !== undefined)));
  const across = Math.min(mostColumns, Math.max(1, chosen.length));
  const panelRoom = (pageWidth - places.left - rightMargin) / (across + gap * (across - 1));
  const columns = columnsOf(chosen, places, { ...options, room: panelRoom });
  const titles = columns.map(({ measure, log }) => textLines(axisText(measure, log), panelRoom, { size: 14 }));
  const axisRoom = ticksRoom + lineHeight * Math.max(1, ...titles.map(({ length }) => length));
  const panels = panelGrid(columns, across, { x: gap, y: (axisRoom + above) / places.height });
  return {
    data: panels.flatMap((panel) => marks(places, panel)),
    layout: {
      ...pageOf({
        title: options.title ?? capital(chosen.map(({ title }) => title.replace(/ \([^)]*\)$/, "")).join("; ")),
        subtitle: `${dataset}; ${spreadText(seeds, places, chosen)}`,
        described: {
          kind: "Dot plot",
          axes: chosen.map(({ title }) => title),
          items: places.rows.map(inWords(chosen)),
        },
        panels: { rows: Math.ceil(panels.length / across), height: places.height, between: axisRoom + above },
        above,
        axis: axisRoom,
        left: places.left,
        right: rightMargin,
      }),
      ...panelAxes(panels, ({ content, index }) => ({
        x: columnAxis(content, brokenText(titles[index] ?? [])),
        y: { ...rowAxis(places), showgrid: true, gridcolor: gridColour, showticklabels: index % across === 0 },
      })),
      annotations: panels.flatMap((panel) => [
        ...(panel.index % across === 0 ? groupHeadings(places, { suffix: panel.suffix }) : []),
        ...numbers(places, panel),
      ]),
    },
  };
}

function spreadText(seeds: readonly number[], { rows }: DetailPlaces, chosen: readonly Measure[]): string {
  const several = seeds.length > 1;
  if (rows.some(({ row }) => chosen.some(({ id }) => row.details?.[id]?.interval !== undefined))) {
    const bars = `bars: 95 % intervals over ${several ? `${seeds.length} seeds and ` : ""}samples`;
    return several ? `${bars}; numbers: mean ± standard deviation over seeds` : bars;
  }
  return several ? `mean ± standard deviation of ${seeds.length} seeds` : "one seed, without intervals";
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** A measure's title with its unit, which also says that an axis is logarithmic. */
function axisText({ title }: Measure, log: boolean): string {
  if (!log) return title;
  return title.endsWith(")") ? `${title.slice(0, -1)}, log scale)` : `${title} (log scale)`;
}

function inWords(chosen: readonly Measure[]): (placed: { readonly row: DetailRow }) => string {
  return ({ row }) => {
    const values = chosen.flatMap((measure) => {
      const summary = row.details?.[measure.id];
      return summary === undefined ? [] : [`${measure.title} ${numberText(summary, measure)}`];
    });
    return `${row.label}: ${values.join(", ")}`;
  };
}

function measuredRows({ rows }: DetailPlaces, id: string): readonly Measured[] {
  return rows.flatMap(({ row, place }) => {
    const summary = row.details?.[id];
    return summary === undefined ? [] : [{ row, place, summary }];
  });
}

/** Stems from 0 to the dots, and the dots. */
function marks(places: DetailPlaces, { content, suffix }: Panel<DetailColumn>): readonly PlotTrace[] {
  const shown = measuredRows(places, content.measure.id);
  const dots = shown.map(({ row, place, summary: { mean, sd, interval } }) => {
    return { row, place, value: content.log && mean <= 0 ? null : mean, sd, interval };
  });
  const name = plainText(content.measure.title);
  return [
    ...(content.log ? [] : [stems(shown, suffix)]),
    ...dotTraces(dots, { name, suffix, hovertemplate: "%{text}: %{x}<extra>%{fullData.name}</extra>" }),
  ];
}

function stems(shown: readonly Measured[], suffix: string): PlotTrace {
  return {
    type: "scatter",
    mode: "lines",
    x: shown.flatMap(({ summary }) => [0, summary.mean, null]),
    y: shown.flatMap(({ place }) => [place, place, null]),
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    line: { color: "#9A9A9A", width: 2 },
    cliponaxis: false,
    showlegend: false,
    hoverinfo: "skip",
  };
}

/** The numbers of the dots, in a column at the end of the axis away from zero. */
function numbers(places: DetailPlaces, { content, x, suffix }: Panel<DetailColumn>): readonly Annotation[] {
  const { measure, leftward } = content;
  const [left, right] = x;
  const side = leftward ? ({ x: left, xanchor: "left" } as const) : ({ x: right, xanchor: "right" } as const);
  return measuredRows(places, measure.id).map(({ place, summary }) => ({
    text: numberText(summary, measure),
    ...side,
    y: place,
    xref: "paper",
    yref: `y${suffix}`,
    showarrow: false,
    yanchor: "middle",
    bgcolor: "white",
  }));
}
