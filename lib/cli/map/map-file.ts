import { fileSha256 } from "../../core/hash";
import { readAhead } from "../../core/matrix-source";
import { type ProgressLine, rowProgress } from "../../core/progress";
import { inspectMatrix, type MatrixFile, openMatrix } from "../../files/matrix-file";
import { type Identity, outputHeader, unfinishedOutput } from "../../files/matrix-output";
import { readWeights } from "../../files/weights";
import { openTransformation, type Transformation } from "./transformation";

/**
 * The input and output files of a mapping, named as findArray takes them. Without `side`, the old
 * embeddings are their own side-information.
 */
export interface MapChoices {
  readonly weights: string;
  readonly old: string;
  readonly side?: string;
  readonly out: string;
}

/** How a mapping runs. */
interface MapContext {
  readonly line: ProgressLine;
  readonly signal: AbortSignal;
  /** Rows between two states from which a later run can continue; a multiple of the batch size. */
  readonly checkpointRows?: number;
}

/** The size of what was written, and the number of rows that earlier runs had written. */
interface Mapped {
  readonly rows: number;
  readonly columns: number;
  readonly continuedFrom: number;
}

/** The batch size of mapEmbeddings: the same batches give the same bytes. */
const rowsAtOnce = 4096;

/**
 * Writes h(old, side) of every row to a new file, in memory that does not grow with the number of
 * rows. If a run is stopped, or even killed, the next one with the same inputs continues it to the
 * same bytes. Throws if the files do not fit each other.
 */
export async function mapFile(choices: MapChoices, context: MapContext): Promise<Mapped> {
  const { weights: path, old: oldPlace, side: sidePlace = oldPlace, out } = choices;
  const h = openTransformation(await readWeights(path), path);
  const open: MatrixFile[] = [];
  const opened = async (place: string): Promise<MatrixFile> => {
    const file = await openMatrix(place);
    open.push(file);
    return file;
  };
  try {
    const old = await opened(oldPlace);
    const side = sidePlace === oldPlace ? old : await opened(sidePlace);
    checkFit({ old, side, h, path });
    const header = outputHeader(out, { rows: old.rows, columns: h.target }, [path, old.array.path, side.array.path]);
    const identity = {
      "--weights": { file: path, sha256: await fileSha256(path) },
      ...(await inspected(old, side, context)),
    };
    return await mapRows({ h, old, side }, { out, header, identity }, context);
  } finally {
    h.dispose();
    for (const file of open) await file.close();
  }
}

interface Mapping {
  readonly h: Transformation;
  readonly old: MatrixFile;
  readonly side: MatrixFile;
}

function checkFit({ h, old, side, path }: Mapping & { readonly path: string }): void {
  if ("together" in h.takes) checkTogether(h.takes.together, { old, side, path });
  else checkEach(h.takes, { old, side, path });
  if (side.rows !== old.rows) {
    throw new RangeError(`${side.name} has ${side.rows} rows, ${old.name} ${old.rows}: they must hold the same items`);
  }
}

type Inputs = Pick<Mapping, "old" | "side"> & { readonly path: string };

function checkEach(takes: { readonly old: number; readonly side: number }, { old, side, path }: Inputs): void {
  const sideName = side === old ? "side-information; name it by --side" : "side-information";
  for (const [file, columns, what] of [
    [old, takes.old, "old embeddings"],
    [side, takes.side, sideName],
  ] as const) {
    if (file.columns === columns) continue;
    throw new RangeError(`${file.name} has ${file.columns} dimensions, h of ${path} takes ${columns} of ${what}`);
  }
}

function checkTogether(takes: number, { old, side, path }: Inputs): void {
  if (old.columns + side.columns === takes) return;
  throw new RangeError(
    `${old.name} has ${old.columns} dimensions and ${side.name} ${side.columns}, the linear h of ${path} takes ${takes} together`,
  );
}

/**
 * Reads all inputs once in advance, so that a bad value in the last row is found at once rather
 * than after hours, and a changed file is noticed.
 */
async function inspected(old: MatrixFile, side: MatrixFile, { line, signal }: MapContext): Promise<Identity> {
  const digest = (file: MatrixFile): Promise<string> => {
    const show = rowProgress(line, { words: `${file.name}: checking rows`, total: file.rows });
    const onBlock = (done: number): void => {
      signal.throwIfAborted();
      show(done);
    };
    return inspectMatrix(file, { rowsAtOnce, onBlock });
  };
  const first = { file: old.name, sha256: await digest(old) };
  const second = side === old ? first : { file: side.name, sha256: await digest(side) };
  return { "--old": first, "--side": second };
}

interface Output {
  readonly out: string;
  readonly header: Uint8Array;
  readonly identity: Identity;
}

async function mapRows(
  { h, old, side }: Mapping,
  { out, header, identity }: Output,
  context: MapContext,
): Promise<Mapped> {
  const { line, signal, checkpointRows = 16 * rowsAtOnce } = context;
  const output = await unfinishedOutput(out, { header, columns: h.target, identity });
  const show = rowProgress(line, { words: `${out}: mapped rows`, total: old.rows, from: output.done });
  try {
    const sides = side === old ? null : readAhead(side, { rowsAtOnce, from: output.done });
    let writing: Promise<void> = Promise.resolve();
    for await (const { first, block } of readAhead(old, { rowsAtOnce, from: output.done })) {
      if (signal.aborted) await writing.then(output.checkpoint);
      signal.throwIfAborted();
      const beside = sides === null ? block : (await sides.next()).value?.block;
      if (beside === undefined) throw new Error(`${side.name} ended before ${old.name}`);
      const mapped = h.map(block, beside);
      await writing;
      const done = first + block.rows;
      writing = output.append(mapped.data);
      // An error is thrown once the next block is ready, not before.
      writing.catch(() => {});
      if (done % checkpointRows === 0) await writing.then(output.checkpoint);
      show(done);
    }
    await writing;
    await output.finish();
    return { rows: old.rows, columns: h.target, continuedFrom: output.done };
  } finally {
    await output.close();
  }
}
