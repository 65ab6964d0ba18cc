import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type AdapterCard, cardPath } from "../../adapters/card";
import { type LearnOptions, learnRecipe, requireUsed } from "../../adapters/kind";
import { learnAdapter } from "../../adapters/learn";
import { matrixSource, type Pairs } from "../../adapters/pairs/pairs";
import { saveAdapter } from "../../adapters/save-adapter";
import { type Artifact, CorruptedFile, readArtifact, writeArtifact } from "../../core/artifacts/store";
import { exclusive } from "../../core/exclusive";
import { hashOf } from "../../core/hash";
import { InputError } from "../../core/input-error";
import { type Matrix, matrix } from "../../core/matrix";
import type { MatrixSource } from "../../core/matrix-source";
import { type ProgressLine, rowProgress } from "../../core/progress";
import { timeLeft } from "../../core/progress/time-left";
import { readLabels } from "../../files/labels";
import { inspectMatrix, withMatrices } from "../../files/matrix-file";
import { partialPath, requireEnding, requireOutput } from "../../files/matrix-output";
import type { MatrixFile } from "../../files/stored-matrix";

/** The files of an adapter that is learned; in direction "query" from the new space to the old. */
export interface LearnChoices extends LearnOptions {
  readonly old: string;
  readonly side?: string;
  readonly new: string;
  readonly labels?: string;
  readonly out: string;
  /** Replace an output that exists. */
  readonly force?: boolean;
  /** Bytes of vectors beyond which rows are read from the files as they are drawn. */
  readonly memory: number;
}

interface LearnContext {
  readonly line: ProgressLine;
  readonly signal: AbortSignal;
}

/**
 * Learns an adapter from files of pairs and writes its weights and, beside them, its card. A run
 * that is stopped leaves <out>.partial, from which the next run with the same inputs continues to
 * the same bytes. One process at a time writes an output. Throws InputError before anything is
 * learned if the output exists or the files do not fit each other.
 */
export async function learnFile(choices: LearnChoices, context: LearnContext): Promise<AdapterCard> {
  requireUsed(choices);
  const recipe = learnRecipe(choices);
  requireEnding(choices.out, [".safetensors"]);
  const isBack = recipe.direction === "query";
  if (isBack && choices.side !== undefined) {
    const fault = "is side-information, which is stored with old vectors: queries of the new model have none";
    throw new InputError({ file: choices.side, fault, remedy: "leave --side out with --direction query" });
  }
  const places = [isBack ? choices.new : choices.old, choices.side ?? choices.old, isBack ? choices.old : choices.new];
  return withMatrices(places as [string, string, string], async (from, second, to) => {
    const side = choices.side === undefined ? null : second;
    checkRows(from, side === null ? [to] : [side, to]);
    const labels = choices.labels === undefined ? undefined : await labelsOf(choices.labels, from);
    const inputs = [choices.old, choices.side, choices.new, choices.labels];
    requireOutput(choices.out, { inputs, replace: choices.force ?? false });
    return exclusive(`${partialPath(choices.out)}.lock`, async () => {
      requireOutput(choices.out, { inputs, replace: choices.force ?? false });
      removeLeftovers(choices.out);
      return learned({ from, side, to }, { ...choices, ...recipe, labels }, context);
    });
  });
}

/** Removes what runs that were killed while they wrote have left: no other process writes here. */
function removeLeftovers(out: string): void {
  const own = [out, partialPath(out), cardPath(out)].map((path) => basename(path));
  for (const name of readdirSync(dirname(out))) {
    const [, whole] = /^(.+)\.\d+\.[0-9a-f]{8}\.tmp$/.exec(name) ?? [];
    if (whole !== undefined && own.includes(whole)) rmSync(join(dirname(out), name), { force: true });
  }
}

function checkRows(from: MatrixFile, others: readonly MatrixFile[]): void {
  for (const { name, rows } of others) {
    if (rows === from.rows) continue;
    const fault = `it has ${rows} rows, ${from.name} ${from.rows}: they must hold the same items`;
    throw new InputError({ file: name, fault });
  }
}

function labelsOf(place: string, from: MatrixFile): Promise<Float64Array> {
  return readLabels(place, ({ name, count, note }) => {
    if (count === from.rows) return;
    throw new InputError({ file: name, fault: `has ${count} labels${note}, ${from.name} ${from.rows} rows` });
  });
}

type Choices = Omit<LearnChoices, "labels"> & { readonly labels: Float64Array | undefined };

async function learned(
  files: { readonly from: MatrixFile; readonly side: MatrixFile | null; readonly to: MatrixFile },
  choices: Choices,
  context: LearnContext,
): Promise<AdapterCard> {
  const { from, side, to } = files;
  const bytes =
    4 * from.rows * [from, to, ...(side === null ? [] : [side])].reduce((sum, { columns }) => sum + columns, 0);
  const read = (file: MatrixFile): Promise<Checked> => checked(file, bytes <= choices.memory, context);
  const [one, other] = [await read(from), await read(to)];
  const between = side === null ? null : await read(side);
  const data = { from: one.sha256, side: between?.sha256 ?? null, to: other.sha256 };
  const pairs: Pairs = { from: one.source, side: between?.source ?? null, to: other.source };
  const recipe = learnRecipe(choices);
  const identity = hashOf({ data, recipe });
  const checkpoint = checkpointAt(partialPath(choices.out), identity, context);
  const found = await learnAdapter(
    { pairs, ...recipe, labels: choices.labels },
    { checkpoint, signal: context.signal, progress: shown(context.line) },
  );
  const card = saveAdapter(choices.out, found, { pairs, data });
  rmSync(partialPath(choices.out), { force: true });
  for (const note of notes(card, choices)) context.line.keep(`note: ${note}`);
  return card;
}

/** What did not come out as it was asked for. */
function notes({ kind, sizes, recipe, heldOut }: AdapterCard, { labels }: Choices): readonly string[] {
  const isClipped = kind === "low-rank" && sizes.inner < Number(recipe.rank);
  const hasNoPair = labels !== undefined && heldOut.top1 === null;
  const hasNoGap = heldOut.top1 !== null && heldOut.top1.gapClosed === null;
  return [
    ...(isClipped ? [`the rank is ${sizes.inner}, not ${recipe.rank}: there are no more dimensions`] : []),
    ...(hasNoPair ? ["no class has two held-out items, so the share of the gap is left out"] : []),
    ...(hasNoGap ? ["the new model finds no more than the old one, so there is no gap to close"] : []),
  ];
}

interface Checked {
  readonly sha256: string;
  readonly source: MatrixSource;
}

/** Reads a file once: values that are not finite are refused, and the rest may stay in memory. */
async function checked(file: MatrixFile, inMemoryToo: boolean, { line, signal }: LearnContext): Promise<Checked> {
  const whole = inMemoryToo ? matrix(file.rows, file.columns) : null;
  const show = rowProgress(line, { words: `${file.name}: checking rows`, total: file.rows });
  const onBlock = (done: number, block: Matrix): void => {
    signal.throwIfAborted();
    whole?.data.set(block.data, (done - block.rows) * file.columns);
    show(done);
  };
  const sha256 = await inspectMatrix(file, { rowsAtOnce: 4096, onBlock });
  return { sha256, source: whole === null ? file : matrixSource(file.name, whole) };
}

/** The state after every epoch, in a file that tells what it belongs to. */
function checkpointAt(
  path: string,
  identity: string,
  { line }: LearnContext,
): { readonly load: () => Artifact | null; readonly save: (state: Artifact) => void } {
  return {
    load: () => {
      const saved = existsSync(path) ? intactOrNull(path, line) : null;
      if (saved === null) return null;
      const { identity: earlier, ...facts } = saved.facts;
      if (earlier !== identity) {
        const fault = "it was begun with other inputs or options";
        throw new InputError({ file: path, fault, remedy: "use the same ones, or remove it to start again" });
      }
      line.keep(`continued after epoch ${(facts.losses as readonly number[]).length}`);
      return { arrays: saved.arrays, facts };
    },
    save: ({ arrays, facts }) => writeArtifact(path, { arrays, facts: { ...facts, identity } }),
  };
}

function intactOrNull(path: string, line: ProgressLine): Artifact | null {
  try {
    return readArtifact(path);
  } catch (error) {
    if (!(error instanceof CorruptedFile)) throw error;
    line.keep(`warning: ${error.message}; it is made again`);
    return null;
  }
}

function shown(line: ProgressLine): { readonly report: (share: number, words: string) => void } {
  const left = timeLeft();
  return { report: (share, words) => line.show(`${words}${left.report({ done: share, total: 1 })}`) };
}
