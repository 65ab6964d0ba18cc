import { unexpected, wholeNumber } from "../../core/check";
import { random } from "../../core/random";
import { arithmeticSamples } from "./arithmetic";
import { arcSamples, mathematicsSamples, openBookSamples, type PublishedTask, piqaSamples } from "./published";
import { polaritySamples, restorationSamples, subjectivitySamples } from "./sentences";
import type { TaskSample } from "./task-sample";

/**
 * What a task asks.
 *
 * - "subjectivity": whether a sentence tells an opinion or a plot (two choices)
 * - "polarity": whether a sentence of a review praises or not (two choices)
 * - "arithmetic": what two or three sums in words and digits come to (exact match of the number)
 * - "restoration": a sentence whose commonest words are left out (ROUGE-1)
 * - "gsm8k": tasks of mathematics (exact match of the number)
 * - "piqa", "arc-easy", "arc-challenge", "openbookqa": choices, from the user's copies
 */
export type TaskKind = PooledTask | "gsm8k" | "piqa" | "arc-easy" | "arc-challenge" | "openbookqa";

/** A task whose samples this library parts into those that are learned and those that are asked. */
export type PooledTask = "subjectivity" | "polarity" | "arithmetic" | "restoration";

/** A task at a size: how many samples are learned, and how many are asked. */
export interface TaskRecipe {
  readonly kind: TaskKind;
  readonly train: number;
  readonly test: number;
}

/** How an answer is made, and how it is scored in [0, 1]. */
export type Scoring =
  | { readonly kind: "choice" }
  | { readonly kind: "exact-match"; readonly most: number }
  | { readonly kind: "rouge-1"; readonly most: number };

/** The samples of a task; none of the tested ones is among those that are learned. */
export interface Task {
  readonly train: readonly TaskSample[];
  readonly test: readonly TaskSample[];
}

/** How the answers to a task are scored; `most` is the most tokens that an answer may have. */
export function scoringOf(kind: TaskKind): Scoring {
  switch (kind) {
    case "subjectivity":
    case "polarity":
    case "piqa":
    case "arc-easy":
    case "arc-challenge":
    case "openbookqa":
      return { kind: "choice" };
    case "gsm8k":
      return { kind: "exact-match", most: 64 };
    case "arithmetic":
      return { kind: "exact-match", most: 28 };
    case "restoration":
      return { kind: "rouge-1", most: 24 };
  }
}

/**
 * The samples of a task, in an order of their own that no seed changes. Throws RangeError if there
 * are fewer samples than are asked for, InputError if the texts are damaged, and an error that says
 * how to get them if they are not on this machine.
 */
export async function loadTask({ kind, train, test }: TaskRecipe): Promise<Task> {
  wholeNumber("samples to learn", train, { least: 2 });
  wholeNumber("samples to ask", test, { least: 1 });
  const all = await samplesOf(kind, train + test);
  if ("test" in all) return publishedParts(kind, all, { train, test });
  const different = [...new Map(all.map((sample) => [sample.prompt, sample])).values()];
  // Sums are drawn as they are asked for: in another order, a larger training part would change it.
  const chosen =
    kind === "arithmetic" ? different : drawn(different, { kind, names: ["task", kind], count: train + test });
  // Tested samples come first, so that a larger training part leaves them as they are.
  return { test: chosen.slice(0, test), train: chosen.slice(test) };
}

/** So many samples of each part; what is asked is not learned, even if both parts have it. */
function publishedParts(
  kind: TaskKind,
  parts: PublishedTask,
  { train, test }: { readonly train: number; readonly test: number },
): Task {
  const asked = drawn(parts.test, { kind, names: ["task", kind, "test"], count: test });
  const tested = new Set(parts.test.map(({ prompt }) => prompt));
  const learnable = parts.train.filter(({ prompt }) => !tested.has(prompt));
  return { test: asked, train: drawn(learnable, { kind, names: ["task", kind, "train"], count: train }) };
}

/** So many samples in an order of their own. Throws RangeError if there are fewer. */
function drawn(
  samples: readonly TaskSample[],
  { kind, names, count }: { readonly kind: TaskKind; readonly names: readonly string[]; readonly count: number },
): readonly TaskSample[] {
  if (samples.length < count) throw unexpected(`samples of the task ${kind}`, `at most ${samples.length}`, count);
  const order = random(...names).permutation(samples.length);
  return Array.from(order.subarray(0, count), (index) => samples[index] as TaskSample);
}

type Samples = readonly TaskSample[] | PublishedTask;

function samplesOf(kind: TaskKind, count: number): Promise<Samples> | Samples {
  switch (kind) {
    case "gsm8k":
      return mathematicsSamples();
    case "piqa":
      return piqaSamples();
    case "arc-easy":
      return arcSamples("Easy");
    case "arc-challenge":
      return arcSamples("Challenge");
    case "openbookqa":
      return openBookSamples();
    case "subjectivity":
      return subjectivitySamples();
    case "polarity":
      return polaritySamples();
    case "restoration":
      return restorationSamples();
    case "arithmetic":
      return arithmeticSamples(count);
  }
}
