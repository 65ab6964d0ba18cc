import type { MetricName, Summary } from "../../experiments/results/result";

/** Text as plotly shows it: its few HTML tags are made ordinary characters. */
export function plainText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** `text` broken between words into lines of at most `width` characters where possible, as plotly shows it. */
export function wrappedText(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.map(plainText).join("<br>");
}

/** What a reader sees of text that plotly shows: tags left out, characters restored. */
export function shownText(text: string): string {
  const bare = text
    .replace(/<[^>]*>/g, " ")
    .replace(/ +/g, " ")
    .trim();
  return bare.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** A cell to which no figure applies. */
export const notApplicable: string = "—";

/** A cell whose figure was published but is not known here. */
export const notAvailable: string = "not available";

/** One decimal, with a true minus sign and no negative zero: `73.4`, `−3.1`, `0.0`. */
export function percentText(percent: number): string {
  return decimalText(percent, 1);
}

/** `73.4 ± 0.6` over several seeds, `73.4` for one. */
export function summaryText({ mean, sd }: Summary): string {
  return sd === null ? percentText(mean) : `${percentText(mean)} ± ${percentText(sd)}`;
}

/** A measure's number as `summaryText`, with decimals of its own; no deviation where every seed gives the same, such as a size. */
export function measureText({ mean, sd }: Summary, decimals: number): string {
  return sd === null || sd === 0
    ? decimalText(mean, decimals)
    : `${decimalText(mean, decimals)} ± ${decimalText(sd, decimals)}`;
}

function decimalText(value: number, decimals: number): string {
  const digits = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(digits) !== 0 ? `−${digits}` : digits;
}

/** How the metrics are written, in the order of the paper's tables. */
export const metricTitles: Readonly<Record<MetricName, string>> = { top1: "top-1", top5: "top-5", mAP: "mAP" };

/** The metrics in the order of the paper's tables. */
export const metricNames: readonly MetricName[] = ["top1", "top5", "mAP"];

/** The parts of a class name "group/kind": "red/star" is a star among the red ones. A name without a stroke is its own kind. */
export function classParts(name: string): { readonly group: string; readonly kind: string } {
  const stroke = name.indexOf("/");
  return { group: name.slice(0, Math.max(0, stroke)), kind: name.slice(stroke + 1) };
}

/** A class name "group/kind" as a reader sees it: "group kind", underlines as spaces so that it can be broken. */
export function classLabel(name: string): string {
  const { group, kind } = classParts(name);
  return `${group} ${kind}`.replaceAll("_", " ").trim();
}
