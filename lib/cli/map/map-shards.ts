import { basename, extname, join } from "node:path";
import { InputError } from "../../core/input-error";
import { makeWritable } from "../../core/paths";
import { requireOutput } from "../../files/matrix-output";
import { shardsAt } from "../../files/shards";
import { type MapChoices, mapFile, mappingIdentity } from "./map-file";
import type { MapContext, Mapped } from "./map-rows";
import { requireOneMapping } from "./origin";

/** Which of the files of a mapping to map: the i-th of n equal shares, from 1. */
interface FileShare {
  readonly index: number;
  readonly of: number;
}

/** Many mapped files: rows of all together. */
export interface MappedFiles extends Pick<Mapped, "rows" | "columns"> {
  readonly files: number;
  /** Those that were there before. */
  readonly kept: number;
}

/** Whether each file is to be mapped to one of its own: `out` is a folder then. */
export function mapsEachFile({ old, out }: Pick<MapChoices, "old" | "out">): boolean {
  return ![".npy", ".safetensors"].includes(extname(out)) && shardsAt(old) !== null;
}

/**
 * Maps every file that `old` names, or a share of them, to a file of its name in the folder `out`.
 * A file that the same h and inputs made already is kept, unless all are replaced: the same
 * command continues what was stopped. Throws InputError as mapFile, before any is mapped if one
 * would become an input, if the side-information is in other files, or if another h made a file of
 * the folder.
 */
export async function mapShards(
  { shard = { index: 1, of: 1 }, ...choices }: MapChoices & { readonly shard?: FileShare },
  context: MapContext,
): Promise<MappedFiles> {
  const { out, force = false } = choices;
  const pairs = pairsOf(choices);
  if (pairs.length < shard.of) {
    const fault = `names ${pairs.length} files, fewer than the ${shard.of} shards`;
    throw new InputError({ file: choices.old, fault });
  }
  makeWritable(out);
  const [from, end] = [shard.index - 1, shard.index].map((edge) => Math.floor((pairs.length * edge) / shard.of));
  const share = pairs.slice(from, end).map((pair) => ({ ...pair, path: join(out, nameFor(pair.old)) }));
  for (const { old, side, path } of share) {
    requireOutput(path, { inputs: [choices.weights, old, side ?? undefined], replace: true });
  }
  if (!force) requireOneMapping(out, await mappingIdentity(choices));
  let [rows, columns, kept] = [0, 0, 0];
  for (const { old, side, path } of share) {
    context.signal.throwIfAborted();
    const named = { ...choices, old, ...(side === null ? {} : { side }), out: path, keep: true };
    const mapped = await mapFile(named, context);
    if (mapped.kept) kept++;
    rows += mapped.rows;
    columns = mapped.columns;
  }
  return { files: share.length, kept, rows, columns };
}

interface FilePair {
  readonly old: string;
  readonly side: string | null;
}

function pairsOf({ old, side }: MapChoices): readonly FilePair[] {
  const olds = shardsAt(old) ?? [old];
  if (side === undefined) return olds.map((each) => ({ old: each, side: null }));
  const sides = shardsAt(side) ?? [side];
  if (sides.length !== olds.length) {
    const fault = `names ${sides.length} files, ${old} ${olds.length}: each needs its own`;
    throw new InputError({ file: side, fault, remedy: "or name one file by --out" });
  }
  return olds.map((each, i) => ({ old: each, side: sides[i] as string }));
}

/** The name of the file that `old` is mapped to. */
function nameFor(old: string): string {
  const name = basename(old.replace(/#[^#/]*$/, "")).replace(/\.[^.]+$/, "");
  return `${name}${/\.safetensors(#|$)/.test(old) ? ".safetensors" : ".npy"}`;
}
