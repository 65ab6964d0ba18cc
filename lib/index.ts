// The public surface: what notebooks import from "../lib". The table in README.md is made from the
// headings here and from the doc comments of what is exported.

// # Own experiments

export {
  adaptedTo,
  aligned,
  backbone,
  chain,
  compatible,
  distilled,
  sideInformation,
  upgrade,
} from "./experiments/model/construct";
export { describe } from "./experiments/model/describe";
export { importedBackbone, importedUpgrade } from "./experiments/model/imported";
export { datasetOf, dimensionsOf } from "./experiments/model/model";
export { type OwnOptions, runRows } from "./own/run-rows";
export { modelsAt } from "./tables/shared/shared-models";
export { type ModelUpdate, updateAt } from "./tables/shared/stored-models";

// # Losses

export { crossEntropy } from "./losses/cross-entropy";
export { unitRows } from "./losses/unit-rows";
export { tf } from "./tf/tensorflow";
export {
  arcface,
  batchHardTriplet,
  cosface,
  cosine,
  fastfill,
  normalisedSoftmax,
  scaledSquaredError,
  softmax,
  squaredError,
  squaredErrorAndClassifier,
} from "./training/loss-values";
export { ownLoss } from "./training/own-loss";

// # Embeddings and files

export { type Matrix, matrix, row, selectRows } from "./core/matrix";
export { type FolderOptions, folderDataset } from "./data/readers/own-images";
export { changesByClass, datasetHash, testEmbeddings, testSplit } from "./experiments/look";
export { readLabels } from "./files/labels";
export { openMatrix, readMatrix } from "./files/matrix-file";
export type { MatrixFile } from "./files/stored-matrix";
export { type PrincipalComponents, principalComponents, project } from "./statistics/principal-components";

// # Adapters

export type { AdapterCard } from "./adapters/card";
export { type AdapterKind, adapterKinds, type Direction, type LearnOptions } from "./adapters/kind";
export { type LearnContext, type Learned, learnAdapter } from "./adapters/learn";
export { type Adapter, openAdapter } from "./adapters/open-adapter";
export { matrixSource, type Pairs } from "./adapters/pairs/pairs";
export { saveAdapter } from "./adapters/save-adapter";

// # Retrieval

export { type BackfillCurve, type BackfillPerQuery, type BackfillResult, backfillCurve } from "./retrieval/backfill";
export { backfillOrder } from "./retrieval/backfill-order";
export { bootstrapMean } from "./retrieval/bootstrap";
export { type CompatiblePairs, compatiblePairs } from "./retrieval/compatible-pairs";
export { evaluateRetrieval, type RetrievalResult } from "./retrieval/evaluate";
export { type Flips, retrievalFlips } from "./retrieval/flips";
export { type Ranking, rankGallery } from "./retrieval/rank";
export { nearestItems, topK } from "./retrieval/top-k";

// # Galleries that last

export { writeMatrix } from "./files/matrix-output";
export type { Backfilled, BackfillPlan } from "./gallery/backfill";
export { type DrawnUpdate, drawnUpdate } from "./gallery/drawn-update";
export {
  createGallery,
  type Gallery,
  type GalleryHits,
  type GalleryStatus,
  openGallery,
} from "./gallery/gallery";
export type { QualityPoint } from "./gallery/quality-curve";

// # Language models

export { importedLanguageModel } from "./experiments/language/imported-language-model";
export { runLanguageTable } from "./experiments/language/run-language-table";
export { storedTokenizer } from "./language/tokens/stored-merges";
export { flipsFigure } from "./report/figures/flips";
export { publishedUpdates } from "./report/language-markdown";
export { muscleTable } from "./tables/muscle";

// # Tables of the papers

export { runTable } from "./experiments/run";
export { chosenTable, currentScale } from "./experiments/run-options";
export { architecturesTable } from "./tables/architectures";
export { backfillTable } from "./tables/backfill";
export { baselinesTable, choicesTable } from "./tables/baselines";
export { costTable } from "./tables/cost";
export { datasetChangeTable } from "./tables/dataset-change";
export { datasetTables } from "./tables/datasets";
export { flipsTable } from "./tables/flips";
export { lossesTable } from "./tables/losses";
export { mainTable } from "./tables/main";
export { adaptersTable } from "./tables/maps/adapters";
export { transformationTable } from "./tables/maps/transformation";
export { type NamedResult, resultsOnDatasets } from "./tables/on-datasets";
export { overviewModels, overviewTable } from "./tables/overview";
export { sequenceTable } from "./tables/sequence";
export { sideInformationTable } from "./tables/side-information";

// # Results shown and kept

export { type StartedCommand, startedCommand, until } from "./own/started-command";
export { saveFigure } from "./report/save-figure";
export { saveResult } from "./report/save-result";
export { show } from "./report/show";
export { resultFrame } from "./report/text/frame";

// # Figures

export { classChangeFigure } from "./report/figures/class-change";
export { curveFigure } from "./report/figures/curve";
export { datasetsFigure } from "./report/figures/datasets";
export { detailFigure } from "./report/figures/detail";
export { type EmbeddingPanel, embeddingFigure } from "./report/figures/embedding";
export { gapFigure } from "./report/figures/gap";
export { examplesFigure, retrievalFigure, type Search } from "./report/figures/images";
export { lossFigure } from "./report/figures/loss";
export { matrixFigure } from "./report/figures/matrix";
export { type ScatterPoint, scatterFigure } from "./report/figures/scatter";
export { tableFigure } from "./report/figures/table";
export { trendFigure } from "./report/figures/trend";
export type { Figure } from "./report/plot/figure";

// # Types of models, recipes and results

export type { DatasetRecipe } from "./data/load-dataset";
export type { ClassSelection } from "./data/splits/class-selection";
export type { BackboneChanges, SideInformationChanges, TransformationChanges } from "./experiments/model/changes";
export type {
  Adapted,
  Aligned,
  Backbone,
  Chain,
  Compatible,
  Distilled,
  ImageModel,
  Model,
  SideInformation,
  SideModel,
  Upgrade,
} from "./experiments/model/model";
export type { ResultRow, TableResult } from "./experiments/results/result";
export type { Row, Table } from "./experiments/table";
export type { Architecture } from "./nn/networks/network";
export type { OwnRow } from "./own/own-table";
export type { Recipes } from "./tables/recipes/base";
export type { BackboneRecipe } from "./training/backbone";
export type { BackboneLoss } from "./training/backbone-loss";
export type { ClassifiedBatch, EmbeddedBatch, OwnLoss } from "./training/own-loss";
export type { SideInformationRecipe } from "./training/side-information";
export type { TransformationRecipe } from "./training/transformation";
export type { TransformationLoss } from "./training/transformation-loss";
