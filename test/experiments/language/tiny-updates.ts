import type { BaseModel, CompatibleAdapter, TaskAdapter } from "../../../lib/experiments/language/language-model";

const adam = { kind: "adam", weightDecay: 0 } as const;

const base = (seed: number, share: number): BaseModel => ({
  kind: "base",
  recipe: {
    text: { collections: ["state_union"], share },
    sizes: { vocabulary: 2048, context: 48, width: 16, depth: 1, heads: 2 },
    optimizer: adam,
    schedule: { learningRate: 1e-2, epochs: 1, warmup: 0 },
    stepsPerEpoch: 4,
    batchSize: 4,
    seed,
  },
});
/** An adapter's recipe of one epoch. */
export const recipe = {
  adapter: { rank: 2, alpha: 4 },
  optimizer: adam,
  schedule: { learningRate: 1e-2, epochs: 1, warmup: 0 },
  batchSize: 8,
  promptWeight: 0.1,
  validationShare: 0.2,
  seed: 0,
};
const task = { kind: "subjectivity", train: 20, test: 12 } as const;
const adapter = (own: BaseModel): TaskAdapter => ({ kind: "task-adapter", base: own, task, recipe });
/** Adapters of two base models that have seen next to nothing. */
export const old: TaskAdapter = adapter(base(0, 0.02));
export const next: TaskAdapter = adapter(base(1, 0.05));
export const muscle: CompatibleAdapter = {
  kind: "compatible-adapter",
  old,
  next,
  distillation: { mask: "student-wrong", temperature: 1 },
  recipe,
};
