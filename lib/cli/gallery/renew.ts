import type { Command } from "commander";
import { InputError } from "../../core/input-error";
import { selectRows } from "../../core/matrix";
import { rowProgress } from "../../core/progress";
import { readMatrix } from "../../files/matrix-file";
import type { Backfilled, BackfillPlan } from "../../gallery/backfill";
import type { QualitySample } from "../../gallery/quality";
import type { QualityPoint } from "../../gallery/quality-curve";
import { fullPath, shownPath, command as subcommand } from "../options/command";
import { positiveNumber, wholeNumberIn } from "../options/numbers";
import { inputPath } from "../options/piped";
import { itemTexts } from "./item-texts";
import { statusText } from "./status";
import { fillingGallery, withGallery } from "./with-gallery";

const updateExamples = `
Every item is mapped by h; then, in one moment, the new model takes the old one's place. Until then the old model
searches and adds. A stopped update goes on by the same command; --give-up forgets it.

Example:
  npm run fct -- gallery update photos.gallery --weights h.safetensors --model clip-l14`;

/** `fct gallery update`. */
export function updateCommand(): Command {
  return subcommand("update", "gallery update")
    .description("bring a gallery to a new model, by an h of fct learn, without embedding an item again")
    .argument("<gallery>", "the gallery", fullPath)
    .option("--weights <file>", 'weights of h: of "fct learn"', fullPath)
    .option("--model <name>", "what you call the new model")
    .option("--give-up", "forget an update under way")
    .option("--any-space", "map vectors that do not look like those h was learned from")
    .option("--json", "print one JSON object")
    .addHelpText("after", updateExamples)
    .action(update);
}

interface UpdateChoices {
  readonly weights?: string;
  readonly model?: string;
  readonly giveUp?: boolean;
  readonly anySpace?: boolean;
  readonly json?: boolean;
}

async function update(path: string, choices: UpdateChoices, command: Command): Promise<void> {
  const { weights, model, giveUp = false, anySpace = false, json } = choices;
  const given = [weights, model].filter((each) => each !== undefined).length;
  if (given !== (giveUp ? 0 : 2)) command.error("error: --weights and --model are needed, or --give-up alone");
  const status = await fillingGallery(path, async (gallery, { line, signal }) => {
    if (giveUp) gallery.giveUpUpdate();
    if (weights === undefined || model === undefined) return gallery.status();
    const { items, update } = gallery.status();
    const from = update?.mapped ?? 0;
    const onItems = rowProgress(line, { words: `${shownPath(path)}: mapped items`, total: items, from });
    return gallery.update({ weights, model, anySpace, signal, onItems });
  });
  console.log(json ? JSON.stringify(status) : statusText(status));
}

/** `fct gallery next`. */
export function nextCommand(): Command {
  return subcommand("next", "gallery next")
    .description("the ids of the mapped items to embed again first, one a line: FastFill's order")
    .argument("<gallery>", "the gallery", fullPath)
    .option("--count <number>", "how many", wholeNumberIn(1), 1000)
    .option("--json", "print one JSON array")
    .action(next);
}

async function next(path: string, { count, json }: { readonly count: number; readonly json?: boolean }): Promise<void> {
  const ids = await withGallery(path, async (gallery) => gallery.next(count));
  if (json) console.log(JSON.stringify(ids));
  else for (const id of ids) console.log(id);
}

const backfillExamples = `
Replaces mapped items by the new model's own vectors, the most uncertain first, as far as the file has them: "fct
gallery next" says which to embed. Each block is stored whole or not at all; a stopped command is given again. With a
sample of queries, searches are measured as it goes: by labels (of the queries; the items need some too), or by the
ids of the items that they are; what is printed of this is in percent, --json in fractions.

Examples:
  npm run fct -- gallery backfill photos.gallery --model clip-l14 --vectors new.npy --ids ids.csv --items 10000
  npm run fct -- gallery backfill photos.gallery --model clip-l14 --vectors new.npy --ids ids.csv --seconds 60 \\
    --query q.npy --query-labels y.npy --json`;

/** `fct gallery backfill`. */
export function backfillCommand(): Command {
  return subcommand("backfill", "gallery backfill")
    .description("replace mapped items by the new model's own vectors, under a budget")
    .argument("<gallery>", "the gallery", fullPath)
    .requiredOption("--model <name>", "the model that the vectors are of")
    .requiredOption("--vectors <file>", "vectors of any of the items, one row per item", inputPath)
    .requiredOption("--ids <file>", "the items' ids", inputPath)
    .option("--items <number>", "stop after so many items", wholeNumberIn(1))
    .option("--seconds <number>", "begin no block after so many seconds", positiveNumber)
    .option("--query <file>", "queries to measure by", inputPath)
    .option("--query-labels <file>", "what the queries ask for", inputPath)
    .option("--query-ids <file>", "the ids of the items that the queries are", inputPath)
    .option("--any-space", "take vectors that do not look like the model's")
    .option("--json", "print one JSON object")
    .addHelpText("after", backfillExamples)
    .action(backfill);
}

interface BackfillChoices {
  readonly model: string;
  readonly vectors: string;
  readonly ids: string;
  readonly items?: number;
  readonly seconds?: number;
  readonly query?: string;
  readonly queryLabels?: string;
  readonly queryIds?: string;
  readonly anySpace?: boolean;
  readonly json?: boolean;
}

async function backfill(path: string, choices: BackfillChoices, command: Command): Promise<void> {
  const { query, queryLabels, queryIds } = choices;
  const told = [queryLabels, queryIds].filter((each) => each !== undefined).length;
  if (told !== (query === undefined ? 0 : 1)) {
    command.error("error: --query needs one of --query-labels and --query-ids, and these need --query");
  }
  const done = await fillingGallery(path, async (gallery, { line, signal }) => {
    line.show(`opening ${choices.vectors} ...`);
    const { ids, ...plan } = await planOf(choices);
    const { mapped } = gallery.status();
    const total = Math.min(mapped, choices.items ?? mapped);
    const show = rowProgress(line, { words: `${shownPath(path)}: replaced items`, total });
    const backfilled = await gallery.backfill({ ...plan, signal, onItems: (progress) => show(progress.done) });
    return { ...backfilled, given: ids.length, known: gallery.known(ids) };
  });
  console.log(choices.json ? JSON.stringify(done) : backfilledText(path, done));
}

async function planOf(choices: BackfillChoices): Promise<BackfillPlan & { readonly ids: readonly string[] }> {
  const { model, items, seconds, anySpace = false } = choices;
  const vectors = await readMatrix(choices.vectors);
  const ids = await itemTexts(choices.ids, { rows: vectors.rows, of: choices.vectors });
  const rowOf = rowsOf(ids, choices.ids);
  const sample = await sampleOf(choices);
  return {
    ids,
    model,
    anySpace,
    has: (id) => rowOf.has(id),
    embed: (asked) =>
      selectRows(
        vectors,
        asked.map((id) => rowOf.get(id) ?? -1),
      ),
    ...(items === undefined ? {} : { items }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(sample === null ? {} : { sample }),
  };
}

/** The row of each id. Throws InputError if two rows have the same. */
function rowsOf(ids: readonly string[], file: string): ReadonlyMap<string, number> {
  const rowOf = new Map<string, number>();
  ids.forEach((id, row) => {
    const other = rowOf.get(id);
    if (other !== undefined) {
      const fault = `is that of the rows ${other} and ${row}`;
      throw new InputError({ file, place: `id "${id}"`, fault, remedy: "give one vector an item" });
    }
    rowOf.set(id, row);
  });
  return rowOf;
}

async function sampleOf({ query, queryLabels, queryIds }: BackfillChoices): Promise<QualitySample | null> {
  if (query === undefined) return null;
  const vectors = await readMatrix(query);
  const size = { rows: vectors.rows, of: query };
  if (queryLabels !== undefined) return { vectors, labels: await itemTexts(queryLabels, size) };
  return { vectors, ids: await itemTexts(queryIds ?? "", size) };
}

/** A backfill, how many ids its vectors came with, and how many of these are in the gallery. */
type BackfilledFrom = Backfilled & { readonly given: number; readonly known: number };

function backfilledText(path: string, { replaced, left, points, given, known }: BackfilledFrom): string {
  const lines = points.map((point) => `${(100 * point.share).toFixed(1).padStart(6)} %  ${qualityText(point)}`);
  const measured = lines.length === 0 ? [] : ["embedded again, and what queries find:", ...lines];
  const items = `${replaced} items replaced, ${left} left as h mapped them`;
  return [`${shownPath(path)}: ${items}; ${known} of ${given} ids are in the gallery`, ...measured].join("\n");
}

function qualityText(point: QualityPoint): string {
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  switch (point.kind) {
    case "labelled":
      return `top-1 ${percent(point.top1)}, mAP ${percent(point.mAP)}`;
    case "self":
      return `own item first ${percent(point.first)}, among ten ${percent(point.firstTen)}`;
  }
}
