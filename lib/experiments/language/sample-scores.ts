import type { Artifact } from "../../core/artifacts/store";
import { unexpected } from "../../core/check";
import { arrayNamed } from "../../core/named-arrays";
import type { Answered } from "../../language/evaluation/answers";
import { inconsistencies } from "../../retrieval/score-flips";
import { bitsOf, valueAt } from "../results/bits";

// What a model answers to every sample, in arrays "SEED/ROW/score", the scores in [0, 1], and
// "SEED/ROW/inconsistent", 1 where the answer is wrong and another than M_v1's. Both are bits in
// 32-bit integers if all values are 0 or 1, else floats. Fact "samples" tells how many there are
// by "SEED/ROW". A row of n samples takes n / 4 bytes.

/** Of each sample: its score, and whether its answer is wrong and another than before. */
export interface SampleScores {
  readonly score: Float64Array;
  readonly inconsistent: Float64Array;
}

/** The scores of the answers `after` an update beside those `before` it. */
export function sampleScores(before: Answered, after: Answered): SampleScores {
  const answers = { before: before.answers, after: after.answers, right: after.right };
  return { score: Float64Array.from(after.scores), inconsistent: inconsistencies(answers) };
}

/** The answers that an artifact of `answersOf` holds. */
export function answersIn({ facts }: Artifact): Answered {
  return facts as unknown as Answered;
}

/** The scores of a row with one seed. */
export interface RowScores extends SampleScores {
  readonly row: string;
  readonly seed: number;
}

/** All rows of a table in one artifact. */
export function packedScores(rows: readonly RowScores[]): Artifact {
  const arrays: Record<string, Artifact["arrays"][string]> = {};
  const samples: Record<string, number> = {};
  for (const { row, seed, score, inconsistent } of rows) {
    samples[`${seed}/${row}`] = score.length;
    for (const [name, values] of Object.entries({ score, inconsistent })) {
      const data = packed(values);
      arrays[`${seed}/${row}/${name}`] = { shape: [data.length], data };
    }
  }
  return { arrays, facts: { samples } };
}

function packed(values: Float64Array): Int32Array | Float32Array {
  return values.every((value) => value === 0 || value === 1) ? bitsOf(values) : Float32Array.from(values);
}

/** The artifacts of two tables of different rows or seeds in one. */
export function joinedScores(first: Artifact, second: Artifact): Artifact {
  const samples = { ...(first.facts.samples as object), ...(second.facts.samples as object) };
  return { arrays: { ...first.arrays, ...second.arrays }, facts: { samples } };
}

/** The scores of a row with a seed. Throws RangeError if there are none. */
export function scoresOf({ arrays, facts }: Artifact, row: string, seed: number): SampleScores {
  const place = `${seed}/${row}`;
  const count = (facts.samples as Readonly<Record<string, number>> | undefined)?.[place];
  if (count === undefined) throw unexpected("scores of samples", `row ${row} with seed ${seed}`, "none");
  const values = (name: string): Float64Array => {
    const { data } = arrayNamed(arrays, `${place}/${name}`);
    return Float64Array.from({ length: count }, (_, i) => valueAt(data, i));
  };
  return { score: values("score"), inconsistent: values("inconsistent") };
}
