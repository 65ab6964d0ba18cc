import { type Request, request, type Step } from "../../core/artifacts/step";
import type { Artifact } from "../../core/artifacts/store";
import type { NamedArrays } from "../../core/named-arrays";
import { mergedWeights } from "../../language/decoder/adapter";
import type { DecoderSizes } from "../../language/decoder/decoder";
import { answered } from "../../language/evaluation/answers";
import { loadTask, type TaskRecipe } from "../../language/tasks/task";
import { tokenStream } from "../../language/texts/token-stream";
import type { Tokenizer } from "../../language/tokens/byte-pairs";
import { storedTokenizer } from "../../language/tokens/stored-merges";
import { type AdapterRecipe, trainAdapter } from "../../language/training/adapter-training";
import type { AdapterObjective, LanguageModel } from "../../language/training/objective";
import { pretrain } from "../../language/training/pretraining";
import { encodeSequence, type TokenSequence } from "../../language/training/sequences";
import { listening } from "../steps/image-training";
import { importedDecoder, importedTokens, requireSameTokens } from "./imported-language-model";
import {
  type AdaptedModel,
  adapted,
  type BaseModel,
  describeLanguageModel,
  type ImportedBase,
  type PretrainedBase,
  type TaskAdapter,
} from "./language-model";

/**
 * The weights of a base model. Fact "losses" of a pretrained one: the mean loss of each epoch; fact
 * "tokenizer" of an imported one.
 */
function baseOf(model: BaseModel): Request {
  return model.kind === "base" ? request(pretrainStep, model) : request(importStep, model);
}

/** The tokenizer of a base model with these weights. */
function tokenizerOf(model: BaseModel, base: Artifact | undefined): Promise<Tokenizer> | Tokenizer {
  return model.kind === "base" || base === undefined ? storedTokenizer() : importedTokens(model, base);
}

/**
 * The weights of an adapter; facts "losses" and "validation" by epoch, and "epochs", those that its
 * weights have seen.
 */
function adapterOf(model: AdaptedModel): Request {
  return request(adapterStep, model);
}

/** The answers of an adapted model to its task, as facts: see `Answered`. */
export function answersOf(model: AdaptedModel): Request {
  return request(answersStep, model);
}

const importStep: Step<ImportedBase> = {
  kind: "import-decoder",
  version: 1,
  inputs: () => [],
  label: describeLanguageModel,
  cost: () => 0,
  run: async (model) => importedDecoder(model),
};

const pretrainStep: Step<PretrainedBase> = {
  kind: "pretrain-decoder",
  version: 2,
  inputs: () => [],
  label: describeLanguageModel,
  cost: ({ recipe: { sizes, batchSize, stepsPerEpoch, schedule } }) =>
    3 * perToken(sizes) * sizes.context * batchSize * stepsPerEpoch * schedule.epochs,
  slowness: () => decoderSlowness,
  run: async ({ recipe }, _, context) => {
    const stream = await tokenStream(recipe.text, await storedTokenizer());
    context.record("tokens", stream.length);
    const { weights, losses } = await pretrain(recipe, stream, listening(context, {}));
    return { arrays: weights, facts: { losses } };
  },
};

const adapterStep: Step<AdaptedModel> = {
  kind: "adapt-decoder",
  version: 3,
  inputs: (model) => {
    switch (model.kind) {
      case "task-adapter":
        return [baseOf(model.base)];
      case "continued-adapter":
        return [baseOf(model.next.base), adapterOf(model.next)];
      case "compatible-adapter": {
        const { old, next } = model;
        return [baseOf(next.base), adapterOf(next), baseOf(old.base), adapterOf(old)];
      }
    }
  },
  label: describeLanguageModel,
  cost: (model) => {
    const { task, base } = adapted(model);
    const passes = model.kind === "compatible-adapter" ? 5 : 3;
    return passes * perToken(base.recipe.sizes) * sampleTokens * task.train * model.recipe.schedule.epochs;
  },
  slowness: () => decoderSlowness,
  run: async (model, inputs, context) => {
    const { base, task } = adapted(model);
    const { sizes } = base.recipe;
    if (model.kind === "compatible-adapter") requireSameTokens(model, inputs);
    const samples = await learnedSequences(task, await tokenizerOf(base, inputs[0]), { sizes, recipe: model.recipe });
    context.record("cut prompts", samples.filter(({ cut }) => cut > 0).length);
    const { weights, ...facts } = await trainAdapter(
      {
        recipe: model.recipe,
        base: { sizes, weights: arraysOf(inputs[0]) },
        start: model.kind === "task-adapter" ? null : arraysOf(inputs[1]),
        objective: objectiveOf(model, inputs),
        samples,
      },
      listening(context, {}),
    );
    return { arrays: weights, facts };
  },
};

const answersStep: Step<AdaptedModel> = {
  kind: "answer-task",
  version: 2,
  inputs: (model) => [baseOf(adapted(model).base), adapterOf(model)],
  label: (model) => `answers of ${describeLanguageModel(model)}`,
  cost: (model) => 2 * perToken(adapted(model).base.recipe.sizes) * sampleTokens * adapted(model).task.test,
  slowness: () => 2 * decoderSlowness,
  run: async (model, [base, adapter]) => {
    const { task, base: baseModel } = adapted(model);
    const { test } = await loadTask(task);
    const merged = withAdapter(baseModel.recipe.sizes, base, adapter, model.recipe);
    const tokenizer = await tokenizerOf(baseModel, base);
    return { arrays: {}, facts: { ...answered(tokenizer, merged, { kind: task.kind, samples: test }) } };
  },
};

// How many times as long as in a ResNet-18 a multiply-add takes in a decoder of width 128.
const decoderSlowness = 2.5;

/** About as many tokens as a sample has. */
const sampleTokens = 48;

/** Multiply-adds of a token's way through a decoder. */
function perToken({ width, depth, vocabulary }: DecoderSizes): number {
  return 12 * width ** 2 * depth + width * vocabulary;
}

async function learnedSequences(
  task: TaskRecipe,
  tokenizer: Tokenizer,
  { sizes: { context }, recipe: { promptWeight } }: { readonly sizes: DecoderSizes; readonly recipe: AdapterRecipe },
): Promise<readonly TokenSequence[]> {
  const { train } = await loadTask(task);
  return train.map((sample) => encodeSequence(tokenizer, sample, { context, promptWeight }));
}

function objectiveOf(model: AdaptedModel, [base, next, oldBase, old]: readonly Artifact[]): AdapterObjective {
  if (model.kind !== "compatible-adapter") return { kind: "task" };
  return {
    kind: "compatible",
    distillation: model.distillation,
    old: taskModel(model.old, oldBase, old),
    next: taskModel(model.next, base, next),
  };
}

function taskModel(
  { base, recipe }: TaskAdapter,
  weights: Artifact | undefined,
  adapter: Artifact | undefined,
): LanguageModel {
  return withAdapter(base.recipe.sizes, weights, adapter, recipe);
}

function withAdapter(
  sizes: DecoderSizes,
  weights: Artifact | undefined,
  adapter: Artifact | undefined,
  recipe: AdapterRecipe,
): LanguageModel {
  const both = { decoder: sizes, adapter: recipe.adapter };
  return { sizes, weights: mergedWeights(arraysOf(weights), arraysOf(adapter), both) };
}

function arraysOf(artifact: Artifact | undefined): NamedArrays {
  return artifact?.arrays ?? {};
}
