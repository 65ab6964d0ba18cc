import { InputError } from "../../core/input-error";
import type { Matrix } from "../../core/matrix";
import type { ProgressLine } from "../../core/progress";
import { type FoundLabels, readLabels } from "../../files/labels";
import { withMatrices } from "../../files/matrix-file";
import { type BackfillCurve, backfillCurve } from "../../retrieval/backfill";
import { backfillOrder } from "../../retrieval/backfill-order";
import { type MappedFile, mappedFile, type StoredChoices, wholeFile } from "./mapped-file";

/** The files of an update, and how its curves are measured. */
export interface CurveChoices extends StoredChoices {
  readonly new: string;
  readonly labels: string;
  readonly points?: number;
  readonly seed?: number;
}

/** The curves of an update, by the order in which items are embedded again. */
export interface CurveReport {
  readonly items: number;
  readonly curves: Readonly<Record<string, BackfillCurve>>;
}

/** The curves of files. Throws InputError if they do not fit each other. */
export async function curveFile(choices: CurveChoices, line: ProgressLine): Promise<CurveReport> {
  const found = await mappedFile(choices, line);
  const next = await withMatrices([choices.new], (file) => wholeFile(file, line));
  const { rows, columns } = found.mapped;
  if (next.rows !== rows || next.columns !== columns) {
    const fault = `it is ${next.rows} x ${next.columns}, the mapped gallery ${rows} x ${columns}`;
    throw new InputError({ file: choices.new, fault });
  }
  const labels = await readLabels(choices.labels, ({ name, count, note }: FoundLabels) => {
    if (count !== rows)
      throw new InputError({ file: name, fault: `has ${count} labels${note}, the gallery ${rows} rows` });
  });
  const { points = 22, seed = 0 } = choices;
  const curves = Object.entries(orders(found, next, seed)).map(([name, order]) => {
    line.show(`order ${name}: searching ${points} galleries ...`);
    const input = { gallery: found.mapped, next, query: next, labels, order, points, excludeSelf: true };
    const { perQuery: _, ...curve } = backfillCurve(input);
    return [name, curve] as const;
  });
  return { items: rows, curves: Object.fromEntries(curves) };
}

function orders(
  { mapped, predictedError }: MappedFile,
  next: Matrix,
  seed: number,
): Readonly<Record<string, Int32Array>> {
  const logVariance = predictedError && Float32Array.from(predictedError, Math.log);
  return {
    ...(logVariance && { predicted: backfillOrder(mapped.rows, { kind: "uncertainty", logVariance }) }),
    random: backfillOrder(mapped.rows, { kind: "random", seed }),
    hindsight: backfillOrder(mapped.rows, { kind: "true-distance", gallery: mapped, next }),
  };
}
