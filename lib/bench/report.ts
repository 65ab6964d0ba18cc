import { markdownTable } from "../report/text/markdown-table";
import { measurements } from "./measurements";
import {
  type BenchResult,
  type Comparison,
  exponentOf,
  type GrowthResult,
  type SideResult,
  type Trial,
} from "./result";

/**
 * Whether a comparison reached its target, or its own time the seconds that are aimed at; null if
 * nothing is aimed at.
 */
export function isReached({ id, ours, ratio, target }: Comparison): boolean | null {
  if (ratio !== null && target !== null) return ratio >= target;
  const most = mostSeconds(id);
  return most === null ? null : 1 / ours.rate <= most;
}

/** The most seconds a unit that are aimed at where there is no peer; null if none are. */
function mostSeconds(id: string): number | null {
  return measurements.find((each) => each.id === id)?.mostSeconds ?? null;
}

function aimText({ id, target }: Comparison): string {
  const most = mostSeconds(id);
  if (target !== null) return ratioText(target);
  return most === null ? "–" : `at most ${most} s`;
}

/** The benchmark as Markdown: machine and versions, comparisons, growth. */
export function benchMarkdown(result: BenchResult): string {
  const { device, platform, cores, memoryGiB, versions, comparisons, growths } = result;
  const all = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const machine = `${device}, ${cores} cores, ${memoryGiB} GiB, ${platform}; ${all.join(", ")}.`;
  const notes = [...comparisons, ...growths].filter(({ note }) => note !== undefined);
  return [
    machine,
    comparisonTable(comparisons),
    trialTable(comparisons),
    growthTable(growths),
    notes.map(({ title, note }) => `- ${title}: ${note}.`).join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function comparisonTable(comparisons: readonly Comparison[]): string {
  const column = (name: string, cell: (comparison: Comparison) => string) => ({ name, cells: comparisons.map(cell) });
  return markdownTable(
    [
      column("work", ({ title }) => title),
      column(
        "this library",
        ({ ours, unit, tried }) => rateText(ours, unit) + (tried === undefined ? "" : `, ${ours.name}`),
      ),
      column("peer", ({ theirs }) => theirs?.name ?? "–"),
      column("its rate", ({ theirs, unit }) => (theirs === null ? "–" : rateText(theirs, unit))),
      column("ratio", ({ ratio }) => (ratio === null ? "–" : ratioText(ratio))),
      column("aim", aimText),
      column("reached", (comparison) => ({ true: "yes", false: "**no**", null: "–" })[`${isReached(comparison)}`]),
      column("most memory (MiB)", ({ ours, theirs }) => [ours, theirs].map(memoryText).join(" / ")),
      column("ratio", memoryRatioText),
      column("aim", ({ memoryTarget }) => (memoryTarget === undefined ? "–" : `${ratioText(memoryTarget)}`)),
    ],
    ["peer"],
  );
}

/**
 * What every way reached where the fastest of several was compared, in the order in which they
 * were tried.
 */
function trialTable(comparisons: readonly Comparison[]): string {
  const chosen = comparisons.filter(({ tried = [] }) => tried.length > 0);
  if (chosen.length === 0) return "";
  const ways = (side: Trial["side"]) => ({
    name: side === "ours" ? "this library" : "peer",
    cells: chosen.map(({ tried = [] }) =>
      tried
        .filter((trial) => trial.side === side)
        .map(({ name, rate }) => `${name} ${rate === null ? "–" : significant(rate)}`)
        .join("; "),
    ),
  });
  const works = chosen.map(({ title, unit }) => `${title}, ${unit}/s`);
  return markdownTable(
    [{ name: "ways that were tried", cells: works }, ways("ours"), ways("theirs")],
    ["this library", "peer"],
  );
}

function growthTable(growths: readonly GrowthResult[]): string {
  if (growths.length === 0) return "";
  const column = (name: string, cell: (growth: GrowthResult) => string) => ({ name, cells: growths.map(cell) });
  return markdownTable([
    column("growth", ({ title }) => title),
    column("seconds by size", ({ points }) =>
      points.map(({ size, seconds }) => `${grouped(size)}: ${seconds.toPrecision(3)}`).join("; "),
    ),
    column("exponent of the last two", (growth) => exponentOf(growth).toFixed(2)),
    column("most memory (MiB)", ({ points }) => points.map(({ peakBytes }) => mebibytes(peakBytes)).join(" / ")),
  ]);
}

function rateText({ rate }: SideResult, unit: string): string {
  return rate < 1 ? `${(1 / rate).toPrecision(3)} s` : `${significant(rate)} ${unit}/s`;
}

function significant(rate: number): string {
  return grouped(Number(rate.toPrecision(3)));
}

/** Our memory as a multiple of the peer's, bold above what is aimed at. */
function memoryRatioText({ ours, theirs, memoryTarget = Number.POSITIVE_INFINITY }: Comparison): string {
  if (ours.peakBytes === null || theirs === null || theirs.peakBytes === null) return "–";
  const ratio = ours.peakBytes / theirs.peakBytes;
  return ratio > memoryTarget ? `**${ratioText(ratio)}**` : ratioText(ratio);
}

function memoryText(side: SideResult | null): string {
  return side === null ? "–" : mebibytes(side.peakBytes);
}

function mebibytes(bytes: number | null): string {
  return bytes === null ? "–" : grouped(Math.round(bytes / 2 ** 20));
}

/** A ratio of rates, such as "1.25 x". */
export function ratioText(ratio: number): string {
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)} x`;
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
