import { writeAtomically } from "../../core/artifacts/store";
import { InputError } from "../../core/input-error";
import type { ProgressLine } from "../../core/progress";
import { requireOutput } from "../../files/matrix-output";
import { backfillOrder } from "../../retrieval/backfill-order";
import { mappedFile, type StoredChoices } from "./mapped-file";

/** An h, the vectors that it maps, and the file to write. */
export interface OrderChoices extends StoredChoices {
  readonly out: string;
  readonly force?: boolean;
}

/** The items in FastFill's order, and the error that is predicted for each item. */
interface ItemOrder {
  readonly items: Int32Array;
  readonly predictedError: Float64Array;
}

/** Writes the order. Throws InputError before anything is mapped if it cannot be written. */
export async function orderFile(choices: OrderChoices, line: ProgressLine): Promise<ItemOrder> {
  const { weights, old, side, out, force = false } = choices;
  requireOutput(out, { inputs: [weights, old, side], replace: force, endings: [".csv"] });
  const { predictedError } = await mappedFile(choices, line);
  if (predictedError === null) {
    const remedy = 'learn one by "fct learn --kind fastfill"';
    throw new InputError({ file: weights, fault: "this h does not predict its own error", remedy });
  }
  const logVariance = Float32Array.from(predictedError, Math.log);
  const items = backfillOrder(predictedError.length, { kind: "uncertainty", logVariance });
  const lines = Array.from(items, (item, place) => `${place + 1},${item},${predictedError[item]}`);
  writeAtomically(out, `${["rank,item,predicted_error", ...lines].join("\n")}\n`);
  return { items, predictedError };
}
