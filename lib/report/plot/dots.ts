import type { TableResult } from "../../experiments/results/result";
import { plainText } from "../text/text";
import type { ErrorBars, Marker, PlotTrace } from "./figure";
import { ink } from "./palette";
import { type Role, type RoleRow, roleOf, roleStyles } from "./roles";

/** A row's number at its place; `sd` is null where no deviation is known. */
export interface Dot {
  readonly row: RoleRow;
  readonly place: number;
  readonly value: number | null;
  readonly sd: number | null;
  /** Drawn in place of the deviation. */
  readonly interval?: readonly [low: number, high: number] | null | undefined;
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
  const look = { type: "data", color: roleStyles[role].colour, thickness: 1.8, width: 5 } as const;
  if (dots.some(({ interval }) => interval)) {
    const [arrayminus, array] = [0, 1].map((end) =>
      dots.map((dot) => Math.abs((endsOf(dot)[end] ?? 0) - (dot.value ?? 0))),
    );
    return { error_x: { ...look, array: array ?? [], arrayminus: arrayminus ?? [], symmetric: false } };
  }
  if (dots.every(({ sd }) => sd === null || sd === 0)) return {};
  return { error_x: { ...look, array: dots.map(({ sd }) => sd ?? 0) } };
}

/** From where to where a dot's bar reaches: its interval, else its deviation. */
function endsOf({ value, sd, interval }: Dot): readonly [number, number] {
  const at = value ?? 0;
  if (value === null) return [at, at];
  return interval ?? [at - (sd ?? 0), at + (sd ?? 0)];
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

/** What a subtitle says of the bars of a result: 95 % intervals if it has them. */
export function intervalText({ seeds, rows }: Pick<TableResult, "seeds" | "rows">): string {
  const circles = "small circles: single seeds";
  if (rows.some(({ metrics }) => metrics.top1.interval !== undefined)) {
    return seeds.length === 1
      ? "one seed, bars: 95 % intervals over classes"
      : `bars: 95 % intervals over ${seeds.length} seeds and classes, ${circles}`;
  }
  return seeds.length === 1
    ? "one seed, so no interval"
    : `mean ± standard deviation of ${seeds.length} seeds, ${circles}`;
}
