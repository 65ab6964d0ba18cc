/** A table at a scale with as many seeds as its claims ask for. */
export interface QueuedRun {
  readonly table: string;
  readonly scale: "quick" | "laptop";
  readonly seeds: number;
}

const quick = (seeds: number, ...tables: readonly string[]): readonly QueuedRun[] =>
  tables.map((table) => ({ table, scale: "quick", seeds }));
const laptop = (seeds: number, ...tables: readonly string[]): readonly QueuedRun[] =>
  tables.map((table) => ({ table, scale: "laptop", seeds }));

/**
 * The runs behind the claims, ordered by what they tell for an hour of computing: first every table
 * once at the quick scale and the main one on photographs, then the seeds that intervals need.
 */
export const evidenceQueue: readonly QueuedRun[] = [
  ...quick(1, "overview", "choices", "main", "baselines", "backfill", "flips", "dataset-change", "architectures"),
  ...quick(1, "transformation", "side-information", "losses", "sequence", "uc-merced", "cost", "adapters", "muscle"),
  ...quick(5, "main"),
  ...laptop(1, "main"),
  ...quick(5, "dataset-change", "architectures", "backfill", "baselines", "uc-merced", "flips"),
  ...quick(10, "main"),
  ...laptop(1, "backfill", "baselines", "flips", "dataset-change", "architectures", "side-information"),
  ...laptop(1, "losses", "sequence", "transformation", "adapters"),
  ...laptop(1, "tiny-imagenet", "official-small", "lfw", "lfw-open", "uc-merced"),
  ...quick(5, "transformation", "side-information", "adapters", "losses", "sequence", "overview"),
  ...quick(3, "muscle"),
  ...laptop(5, "main", "backfill", "flips", "side-information"),
  ...laptop(3, "baselines", "dataset-change", "architectures", "losses", "sequence", "transformation"),
  ...laptop(3, "tiny-imagenet", "lfw", "lfw-open", "uc-merced"),
];
