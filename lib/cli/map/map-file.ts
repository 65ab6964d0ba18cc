import { existsSync } from "node:fs";
import type { Direction } from "../../adapters/kind";
import { type Adapter, openAdapter } from "../../adapters/open-adapter";
import { requireSpace } from "../../adapters/require-space";
import type { SpaceRole } from "../../adapters/space";
import { exclusive } from "../../core/exclusive";
import { fileSha256 } from "../../core/hash";
import { InputError } from "../../core/input-error";
import { type Matrix, matrix } from "../../core/matrix";
import { rowProgress } from "../../core/progress";
import { inspectMatrix, matrixRows, withMatrices } from "../../files/matrix-file";
import { outputHeader, partialPath } from "../../files/matrix-output";
import type { MatrixFile } from "../../files/stored-matrix";
import type { Identity } from "../../files/unfinished-output";
import { type MapContext, type Mapped, type Mapping, mapRows, rowsAtOnce } from "./map-rows";
import { otherwiseMade, requireOrigin, writeOrigin } from "./origin";
import { sideNote } from "./side-information";

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
  /** Keep an output that the same inputs made, as a record says that is written beside it. */
  readonly keep?: boolean;
  /** Stored vectors forward, by default, or queries back. */
  readonly direction?: Direction;
  /** Map vectors that do not look like those that h was learned from. */
  readonly anySpace?: boolean;
}

/**
 * Writes h(old, side) of every row to a new file, in memory that does not grow with the number of
 * rows. If a run is stopped, or even killed, the next one with the same inputs continues it to the
 * same bytes. One process at a time writes an output. Throws before it reads rows if the output
 * exists or cannot be written, or if the files do not fit each other.
 */
export async function mapFile(choices: MapChoices, context: MapContext): Promise<Mapped & { readonly kept: boolean }> {
  const { weights: path, old: oldPlace, side: sidePlace = oldPlace, direction = "gallery" } = choices;
  const adapter = await openAdapter(path, direction);
  const { h, card } = adapter;
  try {
    return await withMatrices([oldPlace, sidePlace], async (old, side) => {
      checkFit({ old, side, h, path });
      const note = sideNote({ weights: path, card, old, side: choices.side === undefined ? null : side });
      if (note !== null) context.line.keep(`note: ${note}`);
      return alone({ h, old, side }, { ...choices, adapter }, context);
    });
  } finally {
    h.dispose();
  }
}

/** Maps while no other process writes the same output. */
function alone(
  mapping: Mapping,
  choices: MapChoices & { readonly adapter: Adapter },
  context: MapContext,
): ReturnType<typeof mapFile> {
  const { h, old, side } = mapping;
  const { weights, out, force = false, keep = false } = choices;
  const kept = { inputs: [weights, old.path, side.path], replace: force || keep };
  const headerNow = (): Uint8Array => outputHeader(out, { rows: old.rows, columns: h.target }, kept);
  headerNow();
  return exclusive(`${partialPath(out)}.lock`, async () => {
    // Another process may have finished in between.
    const header = headerNow();
    const identity = {
      ...(await mappingIdentity(choices)),
      ...(await inspected(old, side, context, spaceChecks(choices))),
    };
    if (keep && !force && existsSync(out)) {
      requireOrigin(out, identity);
      const rows = await matrixRows(out);
      if (rows !== old.rows) throw otherwiseMade(out, `it is there and has ${rows} rows, ${old.name} ${old.rows}`);
      return { rows, columns: h.target, continuedFrom: rows, kept: true };
    }
    const mapped = await mapRows(mapping, { out, header, identity, weights, replace: force }, context);
    if (keep) writeOrigin(out, identity);
    return { ...mapped, kept: false };
  });
}

/** What tells a mapping from another, whatever it maps. */
export async function mappingIdentity({ weights, direction = "gallery" }: MapChoices): Promise<Identity> {
  return {
    "--weights": { file: weights, sha256: await fileSha256(weights) },
    ...(direction === "gallery" ? {} : { "--direction": { file: direction, sha256: direction } }),
  };
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
  if (old.columns + side.columns === takes || (side === old && old.columns === takes)) return;
  const fault = `it has ${old.columns} dimensions and ${side.name} ${side.columns}`;
  throw new InputError({ file: old.name, fault: `${fault}, the linear h of ${path} takes ${takes} together` });
}

/** Called with some of a file's vectors, once all are read; may throw. */
type Look = (file: MatrixFile, vectors: Matrix) => void;

/** What the vectors of each side are checked for: whether they are of the space that h knows. */
function spaceChecks({ adapter, weights: file, anySpace = false }: MapChoices & { readonly adapter: Adapter }): {
  readonly old: Look;
  readonly side: Look;
} {
  const check = (role: SpaceRole): Look => {
    return ({ name }, vectors) => {
      if (!anySpace) requireSpace(role, adapter.weights, { name, vectors, file });
    };
  };
  return { old: check(adapter.role), side: check("side") };
}

/**
 * Reads all inputs once in advance, so that a bad value in the last row is found at once rather
 * than after hours, and a changed file is noticed.
 */
async function inspected(
  old: MatrixFile,
  side: MatrixFile,
  { line, signal }: MapContext,
  look: { readonly old: Look; readonly side: Look },
): Promise<Identity> {
  const digest = async (file: MatrixFile, seen: Look): Promise<string> => {
    const show = rowProgress(line, { words: `${file.name}: checking rows`, total: file.rows });
    const sample = everySo(file);
    const onBlock = (done: number, block: Matrix): void => {
      signal.throwIfAborted();
      sample.add(done - block.rows, block);
      show(done);
    };
    const sha256 = await inspectMatrix(file, { rowsAtOnce, onBlock });
    seen(file, sample.vectors());
    return sha256;
  };
  const first = { file: old.name, sha256: await digest(old, look.old) };
  const second = side === old ? first : { file: side.name, sha256: await digest(side, look.side) };
  return { "--old": first, "--side": second };
}

const mostSampled = 2048;

/** Collects vectors of all parts of a file, since neighbours may be of one class. */
function everySo({ rows, columns }: MatrixFile): {
  readonly add: (first: number, block: Matrix) => void;
  readonly vectors: () => Matrix;
} {
  const step = Math.ceil(rows / mostSampled);
  const found = matrix(Math.ceil(rows / step), columns);
  return {
    add: (first, block) => {
      for (let i = (step - (first % step)) % step; i < block.rows; i += step) {
        found.data.set(block.data.subarray(i * columns, (i + 1) * columns), ((first + i) / step) * columns);
      }
    },
    vectors: () => found,
  };
}
