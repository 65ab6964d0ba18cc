import type { ReportedUpdate } from "../../experiments/language/language-table";

/** An update, the scores of v1, v2 and MUSCLE, v2's NFR, and by how much MUSCLE's differs. */
type Printed = readonly [string, number, number, number, number, number];

/** As printed in Tables 4 to 6 of arXiv 2407.09435v2, in percent. */
const printed: Readonly<Record<string, readonly Printed[]>> = {
  "HellaSwag, log-likelihood": [
    ["Llama 1 -> 2", 72.74, 72.91, 79.53, 10.27, -4.17],
    ["Phi 1.5 -> 2", 69.76, 78.02, 77.86, 3.09, 0.24],
    ["Phi 1 -> 1.5", 32.38, 69.76, 69.86, 2.47, -0.13],
    ["Vicuna 1.3 -> 1.5", 72.19, 71.54, 78.1, 10.48, -4.06],
  ],
  "PIQA, log-likelihood": [
    ["Llama 1 -> 2", 74.86, 74.76, 79.27, 11.59, -3.97],
    ["Phi 1.5 -> 2", 74.65, 78.78, 78.94, 6.2, -0.11],
    ["Phi 1 -> 1.5", 59.03, 74.65, 74.7, 7.78, -0.05],
    ["Vicuna 1.3 -> 1.5", 74.7, 75.52, 78.89, 9.9, -2.88],
  ],
  "GSM8K, exact match": [
    ["Llama 1 -> 2", 24.45, 33.09, 36.66, 8.49, -0.91],
    ["Phi 1.5 -> 2", 30.02, 48.18, 50.68, 5.88, -1.71],
    ["Phi 1 -> 1.5", 3.41, 30.02, 26.99, 2.01, -0.04],
    ["Vicuna 1.3 -> 1.5", 26.72, 29.91, 31.84, 11.6, -0.99],
  ],
  "SAMSum, ROUGE-1": [
    ["Llama 1 -> 2", 32.06, 32.28, 34.79, 48.96, -7.81],
    ["Phi 1.5 -> 2", 37.53, 36.15, 40.69, 54.7, -15.02],
    ["Phi 1 -> 1.5", 30.92, 37.53, 38.76, 32.6, -5.74],
    ["Vicuna 1.3 -> 1.5", 30.32, 30.88, 34.08, 49.69, -10.98],
  ],
};

/** What MUSCLE's paper reports of its updates. */
export const muscleReported: readonly ReportedUpdate[] = Object.entries(printed).flatMap(([task, updates]) =>
  updates.map(([update, v1, v2, muscle, negative, change]) => ({ task, update, v1, v2, muscle, negative, change })),
);
