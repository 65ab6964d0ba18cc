import { exclusive } from "../../core/exclusive";
import { fileSha256 } from "../../core/hash";
import { InputError } from "../../core/input-error";
import { rowProgress } from "../../core/progress";
import { inspectMatrix, type MatrixFile, withMatrices } from "../../files/matrix-file";
import { outputHeader, partialPath } from "../../files/matrix-output";
import type { Identity } from "../../files/unfinished-output";
import { readWeights } from "../../files/weights";
import { type MapContext, type Mapped, type Mapping, mapRows, rowsAtOnce } from "./map-rows";
import { sideNote } from "./side-information";
import { openTransformation } from "./transformation";

/**
 * The input and output files of a mapping, named as findArray takes them. Without `side`, the old
 * embeddings are their own side-information.
 */
export interface MapChoices {
  readonly weights: string;
  readonly old: string;
  readonly side?: string;
  readonly out: string;
  /** Replace an output that exists. */
  readonly force?: boolean;
}

/**
 * Writes h(old, side) of every row to a new file, in memory that does not grow with the number of
 * rows. If a run is stopped, or even killed, the next one with the same inputs continues it to the
 * same bytes. One process at a time writes an output. Throws before it reads rows if the output
 * exists or cannot be written, or if the files do not fit each other.
 */
export async function mapFile(choices: MapChoices, context: MapContext): Promise<Mapped> {
  const { weights: path, old: oldPlace, side: sidePlace = oldPlace } = choices;
  const h = openTransformation(await readWeights(path), path);
  try {
    return await withMatrices([oldPlace, sidePlace], async (old, side) => {
      checkFit({ old, side, h, path });
      const note = sideNote({ weights: path, old, side: choices.side === undefined ? null : side });
      if (note !== null) context.line.keep(`note: ${note}`);
      return alone({ h, old, side }, choices, context);
    });
  } finally {
    h.dispose();
  }
}

/** Maps while no other process writes the same output. */
function alone(mapping: Mapping, { weights, out, force = false }: MapChoices, context: MapContext): Promise<Mapped> {
  const { h, old, side } = mapping;
  const kept = { inputs: [weights, old.array.path, side.array.path], replace: force };
  const headerNow = (): Uint8Array => outputHeader(out, { rows: old.rows, columns: h.target }, kept);
  headerNow();
  return exclusive(`${partialPath(out)}.lock`, async () => {
    // Another process may have finished in between.
    const header = headerNow();
    const identity = {
      "--weights": { file: weights, sha256: await fileSha256(weights) },
      ...(await inspected(old, side, context)),
    };
    return mapRows(mapping, { out, header, identity, weights, replace: force }, context);
  });
}

function checkFit({ h, old, side, path }: Mapping & { readonly path: string }): void {
  if ("together" in h.takes) checkTogether(h.takes.together, { old, side, path });
  else checkEach(h.takes, { old, side, path });
  if (side.rows !== old.rows) {
    const fault = `it has ${side.rows} rows, ${old.name} ${old.rows}: they must hold the same items`;
    throw new InputError({ file: side.name, fault });
  }
}

type Inputs = Pick<Mapping, "old" | "side"> & { readonly path: string };

function checkEach(takes: { readonly old: number; readonly side: number }, { old, side, path }: Inputs): void {
  const remedy = side === old ? { remedy: "name it by --side" } : {};
  for (const [file, columns, what] of [
    [old, takes.old, { of: "old embeddings" }],
    [side, takes.side, { of: "side-information", ...remedy }],
  ] as const) {
    if (file.columns === columns) continue;
    const { of, ...further } = what;
    const fault = `it has ${file.columns} dimensions, h of ${path} takes ${columns} of ${of}`;
    throw new InputError({ file: file.name, fault, ...further });
  }
}

function checkTogether(takes: number, { old, side, path }: Inputs): void {
  if (old.columns + side.columns === takes) return;
  const fault = `it has ${old.columns} dimensions and ${side.name} ${side.columns}`;
  throw new InputError({ file: old.name, fault: `${fault}, the linear h of ${path} takes ${takes} together` });
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
