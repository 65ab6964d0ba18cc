import { type Adapter, openAdapter } from "../../adapters/open-adapter";
import { requireSpace } from "../../adapters/require-space";
import { InputError } from "../../core/input-error";
import { type Matrix, matrix } from "../../core/matrix";
import { type ProgressLine, rowProgress } from "../../core/progress";
import { inspectMatrix, withMatrices } from "../../files/matrix-file";
import type { MatrixFile } from "../../files/stored-matrix";

/** An h and the stored vectors that it maps. */
export interface StoredChoices {
  readonly weights: string;
  readonly old: string;
  readonly side?: string;
  /** Take vectors that do not look like those that h was learned from. */
  readonly anySpace?: boolean;
}

/** Stored vectors and what h makes of them. */
export interface MappedFile {
  readonly old: Matrix;
  readonly mapped: Matrix;
  /** The error that h predicts for each item, exp(s); null if it predicts none. */
  readonly predictedError: Float64Array | null;
}

/** Maps stored vectors, all in memory. Throws InputError if they are not those that h takes. */
export async function mappedFile(choices: StoredChoices, line: ProgressLine): Promise<MappedFile> {
  const adapter = await openAdapter(choices.weights, "gallery");
  const { h } = adapter;
  try {
    return await withMatrices([choices.old, choices.side ?? choices.old], async (old, second) => {
      const side = choices.side === undefined ? null : second;
      requireInputs(adapter, { old, side, weights: choices.weights });
      const vectors = await wholeFile(old, line);
      const beside = side === null ? null : await wholeFile(side, line);
      if (!choices.anySpace) {
        const file = choices.weights;
        requireSpace("from", adapter.weights, { name: old.name, vectors, file });
        if (beside !== null) requireSpace("side", adapter.weights, { name: second.name, vectors: beside, file });
      }
      const { embeddings, logVariance } = h.mapAll({ old: vectors, side: beside });
      const predictedError = logVariance && Float64Array.from(logVariance, Math.exp);
      return { old: vectors, mapped: embeddings, predictedError };
    });
  } finally {
    h.dispose();
  }
}

interface Inputs {
  readonly old: MatrixFile;
  readonly side: MatrixFile | null;
  readonly weights: string;
}

function requireInputs({ h: { takes }, card }: Adapter, { old, side, weights }: Inputs): void {
  if (side !== null && side.rows !== old.rows) {
    throw new InputError({ file: side.name, fault: `it has ${side.rows} rows, ${old.name} ${old.rows}` });
  }
  if (side === null && card !== null && card.sizes.side !== null) {
    const fault = `this h was learned with side-information of ${card.sizes.side} dimensions`;
    throw new InputError({ file: weights, fault, remedy: "name it by --side" });
  }
  const given = [old.columns, (side ?? old).columns] as const;
  const fits =
    "together" in takes
      ? takes.together === given[0] + given[1] || (side === null && takes.together === given[0])
      : takes.old === given[0] && takes.side === given[1];
  if (fits) return;
  const taken =
    "together" in takes ? `${takes.together} together` : `${takes.old} and ${takes.side} of side-information`;
  const fault = `it has ${given[0]} dimensions${side === null ? "" : ` and ${side.name} ${given[1]}`}`;
  throw new InputError({ file: old.name, fault: `${fault}, h of ${weights} takes ${taken}` });
}

/** A matrix, checked and in memory. */
export async function wholeFile(file: MatrixFile, line: ProgressLine): Promise<Matrix> {
  const whole = matrix(file.rows, file.columns);
  const show = rowProgress(line, { words: `${file.name}: reading rows`, total: file.rows });
  const onBlock = (done: number, block: Matrix): void => {
    whole.data.set(block.data, (done - block.rows) * file.columns);
    show(done);
  };
  await inspectMatrix(file, { rowsAtOnce: 4096, onBlock });
  return whole;
}
