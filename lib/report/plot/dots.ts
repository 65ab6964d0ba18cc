import type { ResultRow } from "../../experiments/results/result";
import { plainText } from "../text/text";
import type { ErrorBars, Marker, PlotTrace } from "./figure";
import { ink } from "./palette";
import { type Role, roleOf, roleStyles } from "./roles";

/** A row's number at its place; `sd` is null where there is no interval. */
export interface Dot {
  readonly row: ResultRow;
  readonly place: number;
  readonly value: number | null;
  readonly sd: number | null;
}

/** How dots are named and where they are drawn. */
interface DotOptions {
  readonly name: string;
  /** What follows "x" and "y" in the names of the axes. */
  readonly suffix?: string;
  readonly hovertemplate: string;
}

/** A trace of dots for each role, in its colour and with its mark, with intervals where known. */
export function dotTraces(
  dots: readonly Dot[],
  { name, suffix = "", hovertemplate }: DotOptions,
): readonly PlotTrace[] {
  const roles = [...new Set(dots.map(({ row }) => roleOf(row)))];
  return roles.map((role) => {
    const own = dots.filter(({ row }) => roleOf(row) === role);
    return {
      type: "scatter",
      mode: "markers",
      name,
      x: own.map(({ value }) => value),
      y: own.map(({ place }) => place),
      text: own.map(({ row }) => plainText(row.label)),
      marker: roleMarker(role),
      cliponaxis: false,
      showlegend: false,
      hovertemplate,
      ...(suffix === "" ? {} : { xaxis: `x${suffix}`, yaxis: `y${suffix}` }),
      ...intervals(own, role),
    };
  });
}

function intervals(dots: readonly Dot[], role: Role): { readonly error_x?: ErrorBars } {
  if (dots.every(({ sd }) => sd === null || sd === 0)) return {};
  const array = dots.map(({ sd }) => sd ?? 0);
  return { error_x: { type: "data", array, color: roleStyles[role].colour, thickness: 1.8, width: 5 } };
}

/** The mark of a role. */
function roleMarker(role: Role, size = 12): Marker {
  const { colour, symbol } = roleStyles[role];
  const line = symbol.endsWith("-open") ? { color: colour, width: 2 } : { color: "white", width: 0.6 };
  return { color: colour, symbol, size, line };
}

/** The small circles of single seeds. */
export const seedMarker: Marker = { color: "white", symbol: "circle", size: 6, line: { color: ink, width: 1.2 } };

/** Pixels from the middle of a row down to its seeds' circles. */
export const seedDrop = 10;

/** What a subtitle says of the intervals of `seeds` runs. */
export function intervalText(seeds: number): string {
  return seeds === 1
    ? "one seed, so no interval"
    : `mean ± standard deviation of ${seeds} seeds, small circles: single seeds`;
}
