import type { Transformation } from "../../adapters/open-transformation";
import { notFinite } from "../../core/check";
import { InputError } from "../../core/input-error";
import type { Matrix } from "../../core/matrix";
import { readAhead } from "../../core/matrix-source";
import { type ProgressLine, rowProgress } from "../../core/progress";
import type { MatrixFile } from "../../files/stored-matrix";
import { type Identity, unfinishedOutput } from "../../files/unfinished-output";

/** How a mapping runs. */
export interface MapContext {
  readonly line: ProgressLine;
  readonly signal: AbortSignal;
  /** Rows between two states from which a later run can continue; a multiple of the batch size. */
  readonly checkpointRows?: number;
}

/** The size of what was written, and the number of rows that earlier runs had written. */
export interface Mapped {
  readonly rows: number;
  readonly columns: number;
  readonly continuedFrom: number;
}

/** The batch size of mapEmbeddings: the same batches give the same bytes. */
export const rowsAtOnce = 4096;

/** An h and the files that it maps. */
export interface Mapping {
  readonly h: Transformation;
  readonly old: MatrixFile;
  readonly side: MatrixFile;
}

interface Output {
  readonly out: string;
  readonly header: Uint8Array;
  readonly identity: Identity;
  readonly weights: string;
  readonly replace: boolean;
}

/**
 * Writes what h makes of every row, in batches, continuing what an earlier run has begun. Throws
 * InputError, leaving no file, if a row is mapped to values that are not finite.
 */
export async function mapRows({ h, old, side }: Mapping, output: Output, context: MapContext): Promise<Mapped> {
  const { line, signal, checkpointRows = 16 * rowsAtOnce } = context;
  const file = await openedOutput(output, h.target, context);
  const show = rowProgress(line, { words: `${output.out}: mapped rows`, total: old.rows, from: file.done });
  try {
    const sides = side === old ? null : readAhead(side, { rowsAtOnce, from: file.done });
    let writing: Promise<void> = Promise.resolve();
    for await (const { first, block } of readAhead(old, { rowsAtOnce, from: file.done })) {
      if (signal.aborted) await writing.then(file.checkpoint);
      signal.throwIfAborted();
      const beside = sides === null ? null : (await sides.next()).value?.block;
      if (beside === undefined) throw new Error(`${side.name} ended before ${old.name}`);
      const mapped = h.mapAll({ old: block, side: beside }).embeddings;
      await writing;
      if (notFinite(mapped.data) !== null) {
        await file.discard();
        throw notMapped(mapped, first, { old, weights: output.weights });
      }
      const done = first + block.rows;
      writing = file.append(mapped.data);
      // An error is thrown once the next block is ready, not before.
      writing.catch(() => {});
      if (done % checkpointRows === 0) await writing.then(file.checkpoint);
      show(done);
    }
    await writing;
    await file.finish();
    return { rows: old.rows, columns: h.target, continuedFrom: file.done };
  } finally {
    await file.close();
  }
}

function openedOutput(
  { out, header, identity, replace }: Output,
  columns: number,
  { line, signal }: MapContext,
): ReturnType<typeof unfinishedOutput> {
  return unfinishedOutput(out, {
    header,
    columns,
    identity,
    replace,
    warn: (message) => line.keep(`warning: ${message}`),
    onChecked: (rows, of) => {
      signal.throwIfAborted();
      line.show(`${out}: checking earlier rows ${rows}/${of}`);
    },
  });
}

/** The error of a row that h maps to values that are not finite, as numbers near the largest do. */
function notMapped(
  { columns, data }: Matrix,
  first: number,
  { old, weights }: { readonly old: MatrixFile; readonly weights: string },
): InputError {
  const at = data.findIndex((value) => !Number.isFinite(value));
  const place = `row ${first + Math.floor(at / columns)}`;
  return new InputError({ file: old.name, place, fault: `h of ${weights} maps it to ${data[at]}` });
}
