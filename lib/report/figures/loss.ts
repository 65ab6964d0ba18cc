import type { History } from "../../experiments/results/result";
import { gridAxis, type Panel, panelAxes, panelGrid, panelTitle } from "../plot/axes";
import type { Figure, PlotTrace } from "../plot/figure";
import { legendRow, numbersMargin, pageOf } from "../plot/layout";
import { colourAt } from "../plot/palette";
import { plainText } from "../text/text";

const columns = 3;

/** Above this number of rows, panels are lower and have fewer ticks. */
const roomyRows = 4;

/** A row of panels with the room below it, pixels, and that room in panels. */
const roomy = { height: 190, gap: 0.42, ticks: 5 } as const;
const dense = { height: 138, gap: 0.85, ticks: 3 } as const;

/** Above the first row of panels, for titles of up to three lines of 26 characters. */
const titlesRoom = 52;
const titleSpan = 26;

/**
 * Training loss by epoch, with a panel for each model and a line for each seed. Each panel has its
 * own scale, since losses of different kinds cannot be compared.
 */
export function lossFigure(histories: readonly History[], title = "Training loss by epoch"): Figure {
  const labels = [...new Set(histories.map(({ label }) => label))];
  const seeds = [...new Set(histories.map(({ seed }) => seed))];
  const rows = Math.max(1, Math.ceil(labels.length / columns));
  const size = rows > roomyRows ? dense : roomy;
  const panels = panelGrid(labels, columns, { x: 0.24, y: size.gap });
  return {
    data: histories.map((history) => {
      const panel = panels[labels.indexOf(history.label)] as Panel;
      return lossLine(history, panel, colourAt(seeds.indexOf(history.seed)));
    }),
    layout: {
      ...pageOf({
        title,
        panels: { rows, height: size.height },
        above: titlesRoom,
        legend: legendRow(),
        left: numbersMargin,
      }),
      ...panelAxes(panels, ({ index }) => ({
        x: gridAxis(index + columns < labels.length ? "" : "epoch", { nticks: 6 }),
        y: gridAxis(index % columns === 0 ? "loss" : "", { nticks: size.ticks, rangemode: "tozero" }),
      })),
      annotations: panels.map((panel) => panelTitle(panel, panel.content, titleSpan)),
    },
  };
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
