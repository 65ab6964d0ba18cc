import type { AdaptedModel, CompatibleAdapter, TaskAdapter } from "../experiments/language/language-model";
import type { LanguageRow, LanguageTable } from "../experiments/language/language-table";
import type { TaskKind, TaskRecipe } from "../language/tasks/task";
import { baseModel, type LanguageRecipes, languageRecipes, type Update } from "./recipes/language";
import { muscleReported } from "./shared/muscle-reported";

const dataset = "decoders pretrained on 2,000 film reviews; tasks from sentences of reviews, and sums";

type Distillation = CompatibleAdapter["distillation"];

/** The update of a task, of which the methods are compared. */
interface Comparison {
  readonly task: TaskKind;
  readonly update: Update;
  /** Whether the masks are compared too. */
  readonly masks?: true;
}

const shared: readonly Comparison[] = [
  { task: "subjectivity", update: "more data", masks: true },
  { task: "subjectivity", update: "more parameters" },
  { task: "subjectivity", update: "longer training" },
  { task: "polarity", update: "more data" },
  { task: "arithmetic", update: "more data" },
  { task: "restoration", update: "more data" },
];

/** The published tasks, of which the paper has PIQA and GSM8K. */
const published = (["gsm8k", "piqa", "arc-easy", "arc-challenge", "openbookqa"] as const).map(
  (task): Comparison => ({ task, update: "more data" }),
);

/**
 * Updates of language models by MUSCLE (Echterhoff et al., arXiv 2407.09435) and by what it omits.
 */
export const muscleTable: LanguageTable = {
  kind: "language",
  id: "muscle",
  notebook: "15-muscle",
  title: "Updates of a language model: what they break, and what compatible adapters keep",
  scales: { quick: { seeds: 1, dataset }, laptop: { seeds: 3, dataset: `${dataset}, and published ones` } },
  notes: [
    "NFR is the share of samples that v1 answers rightly and the model wrongly; of restored sentences, those whose ROUGE-1 falls.",
    "The control is v2's adapter trained for as many further epochs as a compatible adapter, by cross-entropy.",
    "Masks with cross-entropy mix the masked loss and cross-entropy in equal parts.",
  ],
  reported: muscleReported,
  rows: (scale, seed) => {
    const recipes = languageRecipes(scale, seed);
    const comparisons = scale === "quick" ? shared : [...shared, ...published];
    return comparisons.flatMap((comparison) => comparisonRows(comparison, recipes, seed));
  },
};

function taskIn(tasks: LanguageRecipes["tasks"], kind: TaskKind): TaskRecipe {
  const found = tasks[kind];
  if (found === undefined) throw new Error(`the recipes lack the task ${kind}`);
  return found;
}

function comparisonRows(
  { task, update, masks }: Comparison,
  recipes: LanguageRecipes,
  seed: number,
): readonly LanguageRow[] {
  const { adapter, further, longer, temperature, tasks } = recipes;
  const adaptedTo = (own: Update | null): TaskAdapter => ({
    kind: "task-adapter",
    base: baseModel(recipes, seed, own),
    task: taskIn(tasks, task),
    recipe: adapter,
  });
  const [before, next] = [adaptedTo(update), adaptedTo(null)];
  const group = `${task}, ${update}`;
  const row = (id: string, label: string, model: AdaptedModel): LanguageRow => ({
    id: `${task}-${update.replace(" ", "-")}-${id}`,
    label,
    group,
    model,
    before,
    next,
  });
  const compatible = (mask: Distillation["mask"], mixed: Pick<Distillation, "share"> = {}): CompatibleAdapter => ({
    kind: "compatible-adapter",
    // What is distilled from v2 alone is the same whatever v1 was.
    old: mask === "none" ? next : before,
    next,
    distillation: { mask, temperature, ...mixed },
    recipe: further,
  });
  const half = { share: 0.5 };
  return [
    row("v1", "v1", before),
    row("v2", "v2", next),
    row("control", "v2, trained longer (control)", { kind: "continued-adapter", next, recipe: longer }),
    row("muscle", "MUSCLE (student wrong)", compatible("student-wrong")),
    row("distil-v1", "distillation to v1", compatible("all")),
    row("distil-v2", "distillation to v2", compatible("none")),
    ...(masks === undefined
      ? []
      : [
          row("old-right", "mask: v1 right", compatible("old-right")),
          row("wrong-ce", "mask: student wrong, with cross-entropy", compatible("student-wrong", half)),
          row("token-ce", "mask: likelihood per token, with cross-entropy", compatible("token-likelihood", half)),
          row("text-ce", "mask: likelihood per text, with cross-entropy", compatible("sequence-likelihood", half)),
        ]),
  ];
}
