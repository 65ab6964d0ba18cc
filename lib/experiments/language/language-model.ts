import { basename } from "node:path";
import type { DecoderSizes } from "../../language/decoder/decoder";
import type { TaskRecipe } from "../../language/tasks/task";
import type { AdapterRecipe } from "../../language/training/adapter-training";
import type { PretrainingRecipe } from "../../language/training/pretraining";
import type { MaskedDistillation } from "../../losses/masked-distillation";
import type { ImportedWeights } from "../../training/backbone";

/** A decoder pretrained on a stream of text. */
export interface PretrainedBase {
  readonly kind: "base";
  readonly recipe: PretrainingRecipe;
}

/** A decoder that `fct import` wrote to a file, with a tokenizer of its own. */
export interface ImportedBase {
  readonly kind: "imported-base";
  readonly recipe: {
    readonly sizes: DecoderSizes;
    readonly imported: Pick<ImportedWeights, "path" | "sha256">;
  };
}

export type BaseModel = PretrainedBase | ImportedBase;

/** A base model with an adapter that has learned a task: M_v1 or M_v2 of MUSCLE. */
export interface TaskAdapter {
  readonly kind: "task-adapter";
  readonly base: BaseModel;
  readonly task: TaskRecipe;
  readonly recipe: AdapterRecipe;
}

/**
 * MUSCLE (arXiv 2407.09435): the adapter of `next`, trained further on the same task to answer as
 * the new model, and where its mask holds as the old one.
 */
export interface CompatibleAdapter {
  readonly kind: "compatible-adapter";
  readonly old: TaskAdapter;
  readonly next: TaskAdapter;
  readonly distillation: MaskedDistillation;
  readonly recipe: AdapterRecipe;
}

/**
 * The adapter of `next`, trained further by the task alone: what the paper does not compare with.
 */
export interface ContinuedAdapter {
  readonly kind: "continued-adapter";
  readonly next: TaskAdapter;
  readonly recipe: AdapterRecipe;
}

/** A base model with an adapter. */
export type AdaptedModel = TaskAdapter | CompatibleAdapter | ContinuedAdapter;

/** The task that an adapted model answers, and the base model that it adapts. */
export function adapted(model: AdaptedModel): Pick<TaskAdapter, "task" | "base"> {
  return model.kind === "task-adapter" ? model : model.next;
}

/** A short name for progress and records. */
export function describeLanguageModel(model: BaseModel | AdaptedModel): string {
  switch (model.kind) {
    case "base": {
      const { text, sizes, schedule, stepsPerEpoch } = model.recipe;
      const steps = schedule.epochs * stepsPerEpoch;
      return `decoder of width ${sizes.width}, ${steps} steps on ${Math.round(100 * text.share)} % of the text`;
    }
    case "imported-base":
      return `decoder of width ${model.recipe.sizes.width} of ${basename(model.recipe.imported.path)}`;
    case "task-adapter":
      return `adapter for ${model.task.kind} of ${describeLanguageModel(model.base)}`;
    case "compatible-adapter":
      return `compatible (${model.distillation.mask}) ${describeLanguageModel(model.next)}`;
    case "continued-adapter":
      return `longer trained ${describeLanguageModel(model.next)}`;
  }
}
