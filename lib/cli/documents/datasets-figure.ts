import { join } from "node:path";
import { datasetsFigure } from "../../report/figures/datasets";
import { saveFigure } from "../../report/save-figure";
import { resultsOnDatasets } from "../../tables/on-datasets";

/** Draws the main rows on every dataset that a folder has results of; nothing without results. */
export async function saveDatasetsFigure(folder: string): Promise<void> {
  const results = resultsOnDatasets(folder);
  if (results.length > 0) await saveFigure(datasetsFigure(results), join(folder, "datasets"));
}
