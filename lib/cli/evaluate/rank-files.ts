import { InputError } from "../../core/input-error";
import type { Matrix } from "../../core/matrix";
import { type ProgressLine, rowProgress } from "../../core/progress";
import { classNumbers } from "../../files/label-numbers";
import { readAnyLabels } from "../../files/labels";
import type { RetrievalResult } from "../../retrieval/evaluate";
import { type ItemLabels, type RankInput, type Ranking, rankGallery } from "../../retrieval/rank";
import type { EvaluateChoices } from "./evaluation";

/** Both sides in memory, and their labels. */
interface Sides {
  readonly gallery: Matrix;
  readonly query: Matrix;
  readonly labels: ItemLabels;
  readonly queryLabels: ItemLabels;
}

export function needsGroups({ queryGroups, galleryGroups }: EvaluateChoices): boolean {
  return queryGroups !== undefined || galleryGroups !== undefined;
}

/** Whether an evaluation needs the ranked lists that a plain one does without. */
export function needsLists({ k, queryGroups, galleryGroups, out, perQuery }: EvaluateChoices): boolean {
  return [k, queryGroups, galleryGroups, out, perQuery].some((choice) => choice !== undefined);
}

/**
 * Ranks the gallery for every query, as the choices say. Throws InputError on groups that do not
 * fit.
 */
export async function rankFiles(
  sides: Sides,
  choices: EvaluateChoices,
  line: ProgressLine,
): Promise<{ readonly result: RetrievalResult; readonly ranking: Ranking }> {
  const { excludeSelf = false, distance, k } = choices;
  const groups = await groupsOf(choices, sides);
  const show = rowProgress(line, { words: "queries", total: sides.query.rows });
  const ks = k ?? [1, 5, 10].filter((one) => one <= sides.gallery.rows);
  const input = { ...sides, excludeSelf, distance, ks, ...(groups === null ? {} : { groups }) };
  const ranking = rankGallery(input, { onQuery: show });
  show(sides.query.rows);
  return { result: ranking.result, ranking };
}

async function groupsOf(
  { queryGroups, galleryGroups }: EvaluateChoices,
  { gallery, query }: Sides,
): Promise<NonNullable<RankInput["groups"]> | null> {
  if (queryGroups === undefined && galleryGroups === undefined) return null;
  if (queryGroups === undefined || galleryGroups === undefined) {
    const [given, missing] = queryGroups === undefined ? [galleryGroups, "query"] : [queryGroups, "gallery"];
    const fault = `holds the groups of one side; those of the other are missing`;
    throw new InputError({ file: given ?? "", fault, remedy: `name them by --${missing}-groups` });
  }
  const read = (place: string, rows: number) =>
    readAnyLabels(place, ({ name, count, note }) => {
      if (count === rows) return;
      throw new InputError({ file: name, fault: `has ${count} groups${note}: one for each of ${rows} rows is needed` });
    });
  const both = [await read(galleryGroups, gallery.rows), await read(queryGroups, query.rows)];
  const [ofGallery = [], ofQuery = []] = classNumbers(both, galleryGroups);
  return { gallery: ofGallery, query: ofQuery };
}
