import { unexpected, wholeNumber } from "../../core/check";
import { random } from "../../core/random";
import { arithmeticSamples } from "./arithmetic";
import { polaritySamples, restorationSamples, subjectivitySamples } from "./sentences";
import type { TaskSample } from "./task-sample";

/**
 * What a task asks.
 *
 * - "subjectivity": whether a sentence tells an opinion or a plot (two choices)
 * - "polarity": whether a sentence of a review praises or not (two choices)
 * - "arithmetic": what two or three sums in words and digits come to (exact match of the number)
 * - "restoration": a sentence whose commonest words are left out (ROUGE-1)
 */
export type TaskKind = "subjectivity" | "polarity" | "arithmetic" | "restoration";

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
      return { kind: "choice" };
    case "arithmetic":
      return { kind: "exact-match", most: 28 };
    case "restoration":
      return { kind: "rouge-1", most: 24 };
  }
}

/**
 * The samples of a task, in an order of their own that no seed changes. Throws RangeError if there
 * are fewer samples than are asked for, and InputError if the texts are damaged.
 */
export async function loadTask({ kind, train, test }: TaskRecipe): Promise<Task> {
  wholeNumber("samples to learn", train, { least: 2 });
  wholeNumber("samples to ask", test, { least: 1 });
  const all = await samplesOf(kind, train + test);
  const different = [...new Map(all.map((sample) => [sample.prompt, sample])).values()];
  if (different.length < train + test) {
    throw unexpected(`samples of the task ${kind}`, `at most ${different.length}`, train + test);
  }
  const order = random("task", kind).permutation(different.length);
  const chosen = Array.from(order.subarray(0, train + test), (index) => different[index] as TaskSample);
  // Tested sentences come first, so that a larger training part leaves them as they are.
  return { test: chosen.slice(0, test), train: chosen.slice(test) };
}

function samplesOf(kind: TaskKind, count: number): Promise<readonly TaskSample[]> | readonly TaskSample[] {
  switch (kind) {
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
