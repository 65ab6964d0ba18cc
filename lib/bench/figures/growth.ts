import { gridAxis } from "../../report/plot/axes";
import type { Figure } from "../../report/plot/figure";
import { cornerAxisRoom, entryText, legendColumn, numbersMargin, pageOf } from "../../report/plot/layout";
import { colourAt, symbolAt } from "../../report/plot/palette";
import { type BenchResult, exponentOf } from "../result";

/** The room above the panel and its height, pixels. */
const above = 12;
const growthHeight = 270;

function growthName(growth: BenchResult["growths"][number]): string {
  return `${growth.title}: size^${exponentOf(growth).toFixed(2)}`;
}

/** Seconds by size of every growth with its exponent at the end, both axes logarithmic. */
export function growthFigure({ growths, device }: BenchResult): Figure {
  return {
    data: growths.map((growth, index) => ({
      type: "scatter",
      mode: "lines+markers",
      name: entryText(growthName(growth)).replace(/\^(\S+)$/, "<sup>$1</sup>"),
      x: growth.points.map(({ size }) => size),
      y: growth.points.map(({ seconds }) => seconds),
      line: { color: colourAt(index), width: 2 },
      marker: { color: colourAt(index), symbol: symbolAt(index), size: 9 },
      hovertemplate: "%{x}: %{y:.3g} s<extra></extra>",
    })),
    layout: {
      ...pageOf({
        title: "How cost grows",
        subtitle: `seconds by the number of items, ${device}; exponents: of the last two points`,
        described: {
          kind: "Line plot",
          axes: ["Horizontally, logarithmic: items", "vertically, logarithmic: seconds"],
          items: growths.map((growth) => `${growth.title} grows as size to the power ${exponentOf(growth).toFixed(2)}`),
        },
        panels: { rows: 1, height: growthHeight },
        above,
        axis: cornerAxisRoom,
        legend: legendColumn(growths.map(growthName)),
        left: numbersMargin,
      }),
      xaxis: gridAxis("items", { type: "log", dtick: 1 }),
      yaxis: gridAxis("seconds", { type: "log", dtick: 1 }),
    },
  };
}
