// The public surface: what notebooks import from "../lib".
export type { DatasetRecipe } from "./data/load-dataset";
export type { Model } from "./experiments/model";
export type { TableResult } from "./experiments/result";
export { runTable } from "./experiments/run";
export type { Table } from "./experiments/table";
export { testEmbeddings, testSplit } from "./experiments/test-embeddings";
export { resultFrame } from "./report/data-frame";
export { gapFigure } from "./report/gap-figure";
export { lossFigure } from "./report/loss-figure";
export { show } from "./report/notebook";
export { saveResult } from "./report/save-result";
export { tableFigure } from "./report/table-figure";
export { evaluateRetrieval } from "./retrieval/evaluate-retrieval";
export { mainTable } from "./tables/main";
export { overviewModels, overviewTable } from "./tables/overview";
