import { type Request, request, type Step } from "../../core/artifacts/step";
import { unexpected } from "../../core/check";
import { loadDataset } from "../../data/load-dataset";
import type { ClassSelection } from "../../data/splits/class-selection";
import { averageCompatibility, compatiblePairs } from "../../retrieval/compatible-pairs";
import { retrievalFlips } from "../../retrieval/flips";
import { predictsUncertainty } from "../../training/transformation-loss";
import { describe } from "../model/describe";
import { type Adapted, dimensionsOf, type ImageModel, type Model, type Upgrade } from "../model/model";
import { adapterOf } from "./adapted";
import { embeddingsIn } from "./artifacts";
import { calibration, type Head } from "./calibration";
import { searchCost } from "./cost";
import { embeddingOf } from "./embedding";
import { type Evaluation, evaluationIn, evaluationOf, type Pair } from "./evaluation";
import { neighboursOf } from "./neighbours";
import { seenAndUnseen } from "./seen-and-unseen";
import { mappingTime, throughput } from "./throughput";

/** What a row tells besides its metrics. In quotes: the ids of its numbers. */
export type Measurement =
  /** Top-1 flips against `before`: "negative", "positive", "accuracyChange", "inconsistent". */
  | { readonly kind: "flips"; readonly before: Pair }
  /** Item pairs that satisfy the strict criterion against `before`: "samePairs", "otherPairs". */
  | { readonly kind: "compatible-pairs"; readonly before: Pair }
  /**
   * Top-1 that the query model loses against an independent one, each on its own gallery: "tax".
   */
  | { readonly kind: "tax"; readonly reference: Model }
  /**
   * The share of updates in a sequence that gain in top-1, with M[i][j] = query model i, gallery j:
   * "averageCompatibility".
   */
  | { readonly kind: "average-compatibility"; readonly matrix: readonly (readonly Pair[])[] }
  /**
   * The metrics of the queries of the `seen` classes and of those of all others, in the gallery of
   * all: "seenTop1", "seenMAP", "unseenTop1", "unseenMAP".
   */
  | { readonly kind: "seen-and-unseen"; readonly seen: ClassSelection }
  /**
   * How well FastFill's h, which maps the row's gallery, knows its own error: "rankCorrelation",
   * "predictedError", "trueError", which are no percentages. By h's own head unless said otherwise.
   */
  | { readonly kind: "calibration"; readonly head?: Head }
  /** How fast items are embedded, or mapped by h: "itemsPerSecond", "hoursPerBillion". */
  | { readonly kind: "throughput"; readonly model: ImageModel | Upgrade }
  /** What the row finds of the 10 nearest items in the search `own`: "neighbourRecall". */
  | { readonly kind: "neighbours"; readonly own: Pair }
  /** The bytes of an adapter's weights, "bytes", and "pairs", how many it has learned from. */
  | { readonly kind: "adapter"; readonly model: Adapted }
  /** How long an adapter takes to map a vector: "microseconds". */
  | { readonly kind: "mapping-time"; readonly model: Adapted }
  /** Numbers that follow from the declaration. */
  | { readonly kind: "known"; readonly values: Readonly<Record<string, number>> };

/** A row's measurements. Their facts are in percent unless said otherwise. */
export function measurementsOf({
  measurements = [],
  ...row
}: Evaluation & { readonly measurements?: readonly Measurement[] }): readonly Request[] {
  return measurements.map((measurement) => measurementOf(row, measurement));
}

function measurementOf(evaluation: Evaluation, measurement: Measurement): Request {
  const { query, gallery, dataset } = evaluation;
  const after = { query, gallery };
  switch (measurement.kind) {
    case "flips":
      return request(flips, { before: measurement.before, after, dataset });
    case "compatible-pairs":
      return request(pairs, { before: measurement.before, after, dataset });
    case "tax":
      return request(tax, { own: query, reference: measurement.reference, dataset });
    case "average-compatibility":
      return request(sequence, { matrix: measurement.matrix, dataset });
    case "seen-and-unseen":
      return request(seenAndUnseen, { evaluation: evaluationIn(evaluation), seen: measurement.seen });
    case "calibration":
      return calibrationOf(evaluation, measurement.head);
    case "throughput":
      return request(throughput, { model: measurement.model, dataset });
    case "neighbours":
      return neighboursOf({ own: measurement.own, found: after, dataset });
    case "adapter":
      return adapterOf(measurement.model);
    case "mapping-time":
      return request(mappingTime, measurement.model);
    case "known":
      return request(known, measurement.values);
  }
}

function calibrationOf({ gallery, dataset }: Evaluation, head: Head | undefined): Request {
  if (gallery.kind === "upgrade" && predictsUncertainty(gallery.recipe)) {
    return request(calibration, { model: gallery, dataset, ...(head === undefined ? {} : { head }) });
  }
  throw unexpected("calibration", "a gallery mapped by FastFill's h", describe(gallery));
}

/** Two pairs of models on the same items. */
interface Change extends Pick<Evaluation, "dataset"> {
  readonly before: Pair;
  readonly after: Pair;
}

const flips: Step<Change> = {
  kind: "flips",
  version: 1,
  inputs: changeInputs,
  label: ({ before, after }) => `flips from ${pairName(before)} to ${pairName(after)}`,
  cost: ({ after, dataset }) => 2 * searchCost(dataset, dimensionsOf(after.query)),
  run: async ({ dataset }, inputs) => {
    const { labels } = (await loadDataset(dataset)).test;
    const { negative, positive, accuracyChange, inconsistent } = retrievalFlips({ ...changed(inputs), labels });
    return percentages({ negative, positive, accuracyChange, inconsistent });
  },
};

const pairs: Step<Change> = {
  kind: "compatible pairs",
  version: 1,
  inputs: changeInputs,
  label: ({ before, after }) => `pairs from ${pairName(before)} to ${pairName(after)}`,
  cost: ({ after, dataset }) => 2 * searchCost(dataset, dimensionsOf(after.query)),
  run: async ({ dataset }, inputs) => {
    const { labels } = (await loadDataset(dataset)).test;
    const { positive, negative } = compatiblePairs({ ...changed(inputs), labels });
    return percentages({ samePairs: positive, otherPairs: negative });
  },
};

const tax: Step<Pick<Evaluation, "dataset"> & { readonly own: Model; readonly reference: Model }> = {
  kind: "tax",
  version: 1,
  inputs: ({ own, reference, dataset }) =>
    [reference, own].map((model) => evaluationOf({ query: model, gallery: model, dataset })),
  label: ({ own }) => `compatibility tax of ${describe(own)}`,
  cost: () => 0,
  run: async (_, [reference, own]) => ({
    arrays: {},
    facts: { tax: Number(reference?.facts.top1) - Number(own?.facts.top1) },
  }),
};

/** Row i holds the pairs of query model i with the galleries 0 to i. */
interface Sequence extends Pick<Evaluation, "dataset"> {
  readonly matrix: readonly (readonly Pair[])[];
}

const sequence: Step<Sequence> = {
  kind: "average compatibility",
  version: 1,
  inputs: ({ matrix, dataset }) => matrix.flat().map((pair) => evaluationOf({ ...pair, dataset })),
  label: ({ matrix }) => `average compatibility of ${matrix.length} models`,
  cost: () => 0,
  run: async ({ matrix }, evaluations) => {
    let next = 0;
    const top1 = matrix.map((pairs) => pairs.map(() => Number(evaluations[next++]?.facts.top1)));
    return percentages({ averageCompatibility: averageCompatibility(top1) });
  },
};

const known: Step<Readonly<Record<string, number>>> = {
  kind: "known",
  version: 1,
  inputs: () => [],
  label: (values) => Object.keys(values).join(", "),
  cost: () => 0,
  run: async (values) => ({ arrays: {}, facts: values }),
};

function changeInputs({ before, after, dataset }: Change): readonly Request[] {
  return [before.query, before.gallery, after.query, after.gallery].map((model) => embeddingOf(model, dataset));
}

function changed([first, second, third, fourth]: Parameters<Step<Change>["run"]>[1]): Pick<
  Parameters<typeof retrievalFlips>[0],
  "before" | "after"
> {
  return {
    before: { query: embeddingsIn(first), gallery: embeddingsIn(second) },
    after: { query: embeddingsIn(third), gallery: embeddingsIn(fourth) },
  };
}

function percentages(shares: Readonly<Record<string, number>>): Awaited<ReturnType<Step<Change>["run"]>> {
  const facts = Object.entries(shares).map(([name, share]) => [name, 100 * share] as const);
  return { arrays: {}, facts: Object.fromEntries(facts) };
}

function pairName({ query, gallery }: Pair): string {
  return `${describe(query)} / ${describe(gallery)}`;
}
