import type { Command } from "commander";
import { writeAtomically } from "../../core/artifacts/store";
import { ownPlace, progressLine } from "../../core/progress";
import { readMatrix } from "../../files/matrix-file";
import { requireOutput } from "../../files/matrix-output";
import type { GalleryHits } from "../../gallery/gallery";
import { command, fullPath, shownPath } from "../options/command";
import { csvParts } from "../options/csv-lists";
import { wholeNumberIn } from "../options/numbers";
import { inputPath } from "../options/piped";
import { withGallery } from "./with-gallery";

const examples = `
Printed is CSV: query (row from 0), rank (from 1), id, squared distance. Queries are of the gallery's current model;
those of another are refused.

Example:
  npm run --silent fct -- gallery search photos.gallery --model clip-b32 --query q.npy --k 5`;

/** `fct gallery search`. */
export function searchCommand(): Command {
  return command("search", "gallery search")
    .description("the nearest items of queries, exactly")
    .argument("<gallery>", "the gallery", fullPath)
    .requiredOption("--model <name>", "the model that the queries are of")
    .requiredOption("--query <file>", "queries, one a row", inputPath)
    .option("--k <number>", "items for each query", wholeNumberIn(1), 10)
    .option("--out <file>", "write CSV to a file, .csv, instead of printing it", fullPath)
    .option("--force", "replace the output if it exists")
    .option("--any-space", "take queries that do not look like the model's")
    .option("--json", "print one JSON object")
    .addHelpText("after", examples)
    .action(search);
}

interface SearchChoices {
  readonly model: string;
  readonly query: string;
  readonly k: number;
  readonly out?: string;
  readonly force?: boolean;
  readonly anySpace?: boolean;
  readonly json?: boolean;
}

async function search(path: string, choices: SearchChoices): Promise<void> {
  const { model, query, k, out, force = false, anySpace = false, json } = choices;
  if (out !== undefined) requireOutput(out, { inputs: [path, query], replace: force, endings: [".csv"] });
  const vectors = await readMatrix(query);
  const hits = await withGallery(path, async (gallery) => {
    progressLine(ownPlace()).show(`${shownPath(path)}: searching for ${vectors.rows} queries ...`);
    return gallery.search({ vectors, model, k, anySpace });
  });
  if (out === undefined) {
    if (json) console.log(jsonOf(hits));
    else for (const part of csvOf(hits)) process.stdout.write(part);
    return;
  }
  writeAtomically(out, ...csvOf(hits));
  console.log(
    json ? JSON.stringify({ out, queries: vectors.rows, k: hits.k }) : `${shownPath(out)}: ${vectors.rows} queries`,
  );
}

function jsonOf({ k, ids, squaredDistances }: GalleryHits): string {
  const distances = ids.map((_, query) => [...squaredDistances.subarray(query * k, (query + 1) * k)]);
  return JSON.stringify({ k, ids, squaredDistances: distances });
}

function csvOf({ k, ids, squaredDistances }: GalleryHits): readonly Uint8Array[] {
  return csvParts("query,rank,id,squared_distance", ids.length, (query) =>
    (ids[query] ?? []).map((id, place) => `${query},${place + 1},${quoted(id)},${squaredDistances[query * k + place]}`),
  );
}

function quoted(id: string): string {
  return /[",\r\n]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id;
}
