import type { History } from "../../experiments/results/result";
import type { Figure, Layout, PlotTrace } from "../plot/figure";
import { baseLayout, bottomLegend, gridAxis, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/layout";
import { colourAt } from "../plot/palette";
import { plainText } from "../text/text";

const columns = 3;

/** Pixels of a row of panels with the room below it, and that room as a share of a panel: lower where there are many rows. */
function panelSize(rows: number): { readonly height: number; readonly gap: number } {
  return rows > 4 ? { height: 138, gap: 0.85 } : { height: 190, gap: 0.42 };
}

/** Training loss by epoch: a panel a model with a scale of its own, since losses of different kinds do not compare; a line a seed. */
export function lossFigure(histories: readonly History[], title = "Training loss by epoch"): Figure {
  const labels = [...new Set(histories.map(({ label }) => label))];
  const seeds = [...new Set(histories.map(({ seed }) => seed))];
  const rows = Math.max(1, Math.ceil(labels.length / columns));
  const size = panelSize(rows);
  const panels = panelGrid(labels.length, columns, { x: 0.24, y: size.gap });
  return {
    data: histories.flatMap((history) => {
      const panel = panels[labels.indexOf(history.label)];
      return panel === undefined ? [] : [lossLine(history, panel, colourAt(seeds.indexOf(history.seed)))];
    }),
    layout: {
      ...lossLayout(title, rows * size.height),
      ...panelAxes(panels, ({ index }) => ({
        x: gridAxis(index + columns < labels.length ? "" : "epoch", { nticks: 6 }),
        y: gridAxis(index % columns === 0 ? "loss" : "", { nticks: rows > 4 ? 3 : 5, rangemode: "tozero" }),
      })),
      annotations: panels.map((panel) => panelTitle(panel, labels[panel.index] ?? "", 26)),
    },
  };
}

function lossLayout(title: string, plot: number): Layout {
  const area = { width: 760, plot, above: 52, below: 92, left: 66, right: 24 };
  return { ...baseLayout(area, title), showlegend: true, legend: bottomLegend };
}

function lossLine({ label, seed, loss }: History, { suffix }: Panel, colour: string): PlotTrace {
  return {
    type: "scatter",
    mode: loss.length > 1 ? "lines" : "markers",
    name: `seed ${seed}`,
    text: loss.map(() => plainText(label)),
    legendgroup: `seed ${seed}`,
    showlegend: suffix === "",
    x: loss.map((_, epoch) => epoch + 1),
    y: loss,
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    line: { color: colour, width: 2 },
    marker: { color: colour, symbol: "circle", size: 8 },
    hovertemplate: "%{text}, epoch %{x}: %{y:.4g}<extra>%{fullData.name}</extra>",
  };
}
