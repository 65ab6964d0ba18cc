import type { MetricName } from "../experiments/result";

/** How the metrics are written, in the order of the paper's tables. */
export const metricTitles: Readonly<Record<MetricName, string>> = { top1: "top-1", top5: "top-5", mAP: "mAP" };

/** The metrics in the order of the paper's tables. */
export const metricNames: readonly MetricName[] = ["top1", "top5", "mAP"];
