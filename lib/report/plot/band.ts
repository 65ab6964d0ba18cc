import type { ScatterTrace } from "./figure";

/** Where a band begins and ends at one place. */
interface BandPoint {
  readonly x: number;
  readonly ends: readonly [low: number, high: number];
}

/** A band around a line; the fill is the line's colour with an opacity, two digits of base 16. */
export function bandTrace(points: readonly BandPoint[], colour: string, opacity: string): ScatterTrace {
  const around = [
    ...points.map(({ x, ends }) => ({ x, y: ends[1] })),
    ...points.map(({ x, ends }) => ({ x, y: ends[0] })).reverse(),
  ];
  return {
    type: "scatter",
    mode: "lines",
    x: around.map(({ x }) => x),
    y: around.map(({ y }) => y),
    fill: "toself",
    fillcolor: `${colour}${opacity}`,
    line: { color: colour, width: 0 },
    showlegend: false,
    hoverinfo: "skip",
  };
}
