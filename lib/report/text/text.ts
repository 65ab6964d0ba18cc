import type { MetricName, Summary } from "../../experiments/results/result";

/** Text as it is printed: arrows, unbroken products, minus signs, and powers of ten. */
export function typographic(text: string): string {
  return text
    .replace(/ -> /g, " → ")
    .replace(/ x (?=\d)/g, "\u00a0×\u00a0")
    .replace(/(?<=^|[\s(])-(?=\d)/g, "−")
    .replace(/\b10\^(\d+)/g, (_, digits: string) => `10${raised(digits)}`);
}

function raised(digits: string): string {
  return [...digits].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
}

/** Text that plotly shows literally, although it knows some HTML tags; printed signs in it. */
export function plainText(text: string): string {
  return typographic(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** What a reader sees of a text for plotly: no tags, and the characters themselves. */
export function shownText(text: string): string {
  const bare = text
    .replace(/<[^>]*>/g, " ")
    .replace(/ +/g, " ")
    .trim();
  return bare.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** A cell to which no number applies. */
export const notApplicable: string = "—";

/** A cell whose number was published but is not known here. */
export const notAvailable: string = "not available";

/** One decimal, with a true minus sign and no negative zero: `73.4`, `−3.1`, `0.0`. */
export function percentText(percent: number): string {
  return decimalText(percent, 1);
}

/** A number with a true minus sign and commas between the thousands: `76,000`, `−3.1`. */
export function groupedText(value: number, decimals: number): string {
  return decimalText(value, decimals).replace(/\d(?=(\d{3})+(?!\d))(?<!\.\d*)/g, "$&,");
}

/** `[71.0, 75.2]`; nothing if there is no interval. */
export function bracketText(interval: readonly [number, number] | null | undefined, decimals: number = 1): string {
  return interval ? `[${interval.map((end) => groupedText(end, decimals)).join(", ")}]` : "";
}

/** `73.4 [71.0, 75.2]` with an interval, else `73.4 ± 0.6` over several seeds, `73.4` for one. */
export function summaryText({ mean, sd, interval }: Pick<Summary, "mean" | "sd" | "interval">): string {
  return interval === undefined ? deviatingText(mean, sd, 1) : `${decimalText(mean, 1)} ${bracketText(interval)}`;
}

/** Like `summaryText`, with the deviation even where there is an interval. */
export function deviationText({ mean, sd }: Pick<Summary, "mean" | "sd">): string {
  return deviatingText(mean, sd, 1);
}

/** Like `summaryText`, with `decimals`, and without a deviation of 0 such as that of a size. */
export function measureText({ mean, sd }: Summary, decimals: number): string {
  return deviatingText(mean, sd === 0 ? null : sd, decimals);
}

/** `73.4 ± 0.6` with so many decimals; `73.4` if there is no deviation. */
export function deviatingText(mean: number, deviation: number | null, decimals: number): string {
  const text = decimalText(mean, decimals);
  return deviation === null ? text : `${text} ± ${decimalText(deviation, decimals)}`;
}

function decimalText(value: number, decimals: number): string {
  const digits = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(digits) !== 0 ? `−${digits}` : digits;
}

/** How the metrics are written, in the order of the paper's tables. */
export const metricTitles: Readonly<Record<MetricName, string>> = { top1: "top-1", top5: "top-5", mAP: "mAP" };

/** The metrics as titles of figures. */
export const metricLongTitles: Readonly<Record<MetricName, string>> = {
  top1: "Top-1 accuracy",
  top5: "Top-5 accuracy",
  mAP: "Mean average precision",
};

/** The metrics in the order of the paper's tables. */
export const metricNames: readonly MetricName[] = ["top1", "top5", "mAP"];

/** The metrics by which a result is told at a glance, and two runs are compared. */
export const shownMetrics: readonly ["top1", "mAP"] = ["top1", "mAP"];

/**
 * The parts of a class name "group/kind", such as "red/star". A name without "/" is its own kind.
 */
export function classParts(name: string): { readonly group: string; readonly kind: string } {
  const stroke = name.indexOf("/");
  return { group: name.slice(0, Math.max(0, stroke)), kind: name.slice(stroke + 1) };
}

/** A class name "group/kind" for readers: "group kind", with spaces in place of underscores. */
export function classLabel(name: string): string {
  const { group, kind } = classParts(name);
  return `${group} ${kind}`.replaceAll("_", " ").trim();
}
