import { type Request, request, type Step } from "../../core/artifacts/step";
import { hashOf } from "../../core/hash";
import { scoringOf } from "../../language/tasks/task";
import { moreQueries } from "../results/more-queries";
import { type ChosenSteps, scaleOf } from "../run-options";
import { extendedIn, type ResultSource } from "../stored-result";
import { type AdaptedModel, adapted } from "./language-model";
import type { LanguageResult } from "./language-result";
import { parseLanguageResult } from "./language-result-file";
import { answersOf } from "./language-steps";
import type { LanguageRow, LanguageTable } from "./language-table";
import { answersIn, joinedScores, packedScores, sampleScores } from "./sample-scores";

/** The rows of a table for one seed. */
interface SeedRun {
  readonly seed: number;
  readonly rows: readonly LanguageRow[];
}

/** What a run of a table computes. */
interface LanguageWork {
  /** The committed result that the run extends; null if it computes all seeds. */
  readonly kept: LanguageResult | null;
  /** The rows of the seeds to compute. */
  readonly runs: readonly SeedRun[];
  /** The scores of every sample, as `packedScores` keeps them, of the seeds kept too. */
  readonly queries: Request;
}

/**
 * What a run of a table computes, seed by seed. Throws RangeError on a scale or a number of seeds,
 * and as `extendedIn`.
 */
export function languageWork(table: LanguageTable, { extend = false, ...chosen }: ChosenSteps): LanguageWork {
  const { scale, seeds } = scaleOf(table, chosen);
  const kept = extendedIn(languageSource(table), { scale, seeds, extend });
  const runs = runsOf(table, scale, kept === null ? seeds : seeds.filter((seed) => !kept.seeds.includes(seed)));
  const rows = runs.flatMap(({ seed, rows }) =>
    rows.map(({ id, model, before }) => ({ row: id, seed, model, before })),
  );
  return { kept, runs, queries: kept === null ? request(collect, rows) : collectMore(kept, rows) };
}

function runsOf(table: LanguageTable, scale: string, seeds: readonly number[]): readonly SeedRun[] {
  return seeds.map((seed) => ({ seed, rows: table.rows(scale, seed) }));
}

/** All that a table asks for: the answers of every row, and the scores of every sample. */
export function languageRequests(table: LanguageTable, chosen: ChosenSteps): readonly Request[] {
  return requestsForLanguage(languageWork(table, chosen));
}

export function requestsForLanguage({ runs, queries }: LanguageWork): readonly Request[] {
  return [...runs.flatMap(({ rows }) => rows.map(({ model }) => answersOf(model))), queries];
}

interface ScoredRow {
  readonly row: string;
  readonly seed: number;
  readonly model: AdaptedModel;
  readonly before: AdaptedModel;
}

const collect: Step<readonly ScoredRow[]> = {
  kind: "queries",
  version: 1,
  inputs: (rows) => rows.flatMap(({ model, before }) => [answersOf(model), answersOf(before)]),
  label: (rows) => `scores of every sample of ${rows.length} rows`,
  cost: () => 0,
  run: async (rows, inputs) => {
    const answers = inputs.map(answersIn);
    const scored = rows.flatMap(({ row, seed }, index) => {
      const [after, before] = answers.slice(2 * index, 2 * index + 2);
      return after === undefined || before === undefined ? [] : [{ row, seed, ...sampleScores(before, after) }];
    });
    return packedScores(scored);
  },
};

const collectMore = moreQueries(collect, joinedScores);

/**
 * Hash of all that a result depends on: the scale's dataset, the rows with their models, the
 * versions of the steps, the seeds, and what is reported beside them.
 */
export function languageFingerprint(table: LanguageTable, scale: string, seeds: readonly number[]): string {
  const { id, title, notes, reported } = table;
  const declared = runsOf(table, scale, seeds).map(({ seed, rows }) => [
    seed,
    rows.map(({ id, label, group, model, before, next }) => [id, label, group, ...[model, before, next].map(keyOf)]),
  ]);
  const dataset = table.scales[scale]?.dataset ?? null;
  return hashOf([id, title, scale, dataset, declared, notes, reported]).slice(0, 32);
}

/** How the results of a table are read. */
export function languageSource(table: LanguageTable): ResultSource<LanguageResult> {
  return {
    id: table.id,
    parse: parseLanguageResult,
    fingerprint: (scale, seeds) => languageFingerprint(table, scale, seeds),
  };
}

/** Whether a row's answers are scored as texts. */
export function answersAreTexts({ model }: LanguageRow): boolean {
  return scoringOf(adapted(model).task.kind).kind === "rouge-1";
}

/**
 * The ids of the rows of v1 and v2 that a row is compared with. Throws an error if there is none.
 */
export function comparedRows({ group, before, next }: LanguageRow, rows: readonly LanguageRow[]): ComparedRows {
  const idOf = (model: AdaptedModel, what: string): string => {
    const found = rows.find((row) => row.group === group && keyOf(row.model) === keyOf(model));
    if (found === undefined) throw new Error(`the rows of ${group} lack one of ${what}`);
    return found.id;
  };
  return { before: idOf(before, "v1"), next: idOf(next, "v2") };
}

interface ComparedRows {
  readonly before: string;
  readonly next: string;
}

function keyOf(model: AdaptedModel): string {
  return answersOf(model).key;
}
