import type { Claim, Contrast } from "./claim";

const paper = (words: string) => ({ kind: "paper", ref: `arXiv 2407.09435v2 (MUSCLE): ${words}` }) as const;

/** v1 is nearly as good as v2; v1 is much weaker; and a task with more than two answers. */
const close = "subjectivity-more-data";
const wide = "subjectivity-longer-training";
const updates = [close, "subjectivity-more-parameters", wide] as const;
const arithmetic = "arithmetic-more-data";

type Measure = Extract<Contrast["quantity"], { kind: "update" }>["measure"];

/** A measure, summed over some rows and less that of others, is above `value` by the margin. */
function above(measure: Measure, plus: readonly string[], minus: readonly string[] = [], value = 0): Contrast {
  return { quantity: { kind: "update", measure, plus, minus }, expect: { kind: "above", value } };
}

/** What counts, in points of NFR, and the change of accuracy above which it is equal or better. */
const margin = 0.5;
const leastScore = -1;

const common = { scales: ["quick", "laptop"], table: "muscle", family: "language" } as const;

/**
 * What MUSCLE's paper claims of updates of language models, and the comparison with longer training
 * that it lacks. Declared before the table had run with the recipes of today, but for what a
 * comment says.
 */
export const languageClaims: readonly Claim[] = [
  {
    ...common,
    id: "language-flips",
    text: "Updates of language models break right answers",
    source: paper("negative flips in every update; NFR 2.0 to 11.6 % of HellaSwag, PIQA and GSM8K"),
    contrasts: updates.map((update) => ({
      ...above("negative", [`${update}-v2`]),
      gate: { from: `${update}-v1`, to: `${update}-v2` },
    })),
    margin,
  },
  {
    ...common,
    id: "language-gap",
    text: "The less an update gains, the more it breaks",
    source: paper("more negative flips, the smaller the difference in accuracy"),
    contrasts: [above("negative", [`${close}-v2`], [`${wide}-v2`])],
    margin,
  },
  {
    ...common,
    id: "muscle",
    text: "MUSCLE lowers NFR at equal or better accuracy",
    source: paper("NFR of Llama 1 -> 2 on PIQA 11.59 -> 7.62 %, accuracy 74.76 -> 79.27 %; up to 40 % less NFR"),
    contrasts: [close, "subjectivity-more-parameters", arithmetic].flatMap((update) => [
      above("negative", [`${update}-v2`], [`${update}-muscle`]),
      // The claim's margin is added to what is expected.
      above("score", [`${update}-muscle`], [`${update}-v2`], leastScore - margin),
    ]),
    margin,
  },
  {
    ...common,
    id: "muscle-gap",
    text: "MUSCLE helps least where v1 is much weaker",
    source: paper("Phi 1 -> 1.5: NFR changes by -0.13 to -0.04 points on HellaSwag, PIQA and GSM8K"),
    contrasts: [above("negative", [`${close}-v2`, `${wide}-muscle`], [`${close}-muscle`, `${wide}-v2`])],
    margin,
  },
  {
    ...common,
    id: "muscle-inconsistency",
    text: "MUSCLE lowers NFR_mc where accuracies are close",
    source: paper("inconsistency falls for updates of little difference in accuracy"),
    // Not arithmetic: at an accuracy of a few percent a low NFR_mc tells only that the student
    // repeats v1's wrong answers. Left out after its first run; its numbers stay in the table.
    contrasts: [above("inconsistent", [`${close}-v2`], [`${close}-muscle`])],
    margin,
  },
  {
    ...common,
    id: "muscle-mask",
    text: "MUSCLE's student-wrong mask beats the other masks",
    source: paper("change of NFR on PIQA -3.97, of other masks -1.96 to -3.10 points"),
    contrasts: ["old-right", "distil-v1", "token-ce", "text-ce"].map((mask) =>
      above("negative", [`${close}-${mask}`], [`${close}-muscle`]),
    ),
    margin: 0,
  },
  {
    ...common,
    id: "muscle-longer",
    text: "MUSCLE lowers NFR more than longer training does",
    source: { kind: "ours", ref: "the paper has no control trained for as many further epochs by cross-entropy" },
    contrasts: [above("negative", [`${close}-control`], [`${close}-muscle`])],
    margin,
  },
];
