import { type Matrix, selectRows } from "../core/matrix";
import type { ImageSplit } from "../data/dataset";
import { classParts } from "./class-parts";
import type { Figure } from "./figure";
import { principalComponents, project } from "./principal-components";
import { type ScatterOptions, type ScatterPoint, scatterFigure } from "./scatter-figure";

/** Embeddings of a split, seen along their own principal components or along those of other embeddings of the same space. */
export interface EmbeddingPanel {
  readonly name: string;
  readonly embeddings: Matrix;
  readonly along?: Matrix;
}

/** What of a split is drawn: the items of `classes` "group/kind", coloured by group, with a symbol for each kind. */
export interface EmbeddingOptions extends ScatterOptions {
  readonly split: Pick<ImageSplit, "labels" | "classNames">;
  readonly classes: readonly string[];
}

/** The same items in several embeddings side by side, each in two dimensions: the principal components of the items drawn. */
export function embeddingFigure(panels: readonly EmbeddingPanel[], options: EmbeddingOptions): Figure {
  const items = itemsOf(options);
  return scatterFigure(
    panels.flatMap((panel) => pointsOf(panel, items, options.split)),
    options,
  );
}

function itemsOf({ split, classes }: EmbeddingOptions): Int32Array {
  const unknown = classes.find((name) => !split.classNames.includes(name));
  if (unknown !== undefined) throw new RangeError(`class ${unknown}: there are ${split.classNames.join(", ")}`);
  const labels = new Set(classes.map((name) => split.classNames.indexOf(name)));
  return Int32Array.from(split.labels.keys()).filter((index) => labels.has(split.labels[index] ?? -1));
}

function pointsOf(
  { name, embeddings, along = embeddings }: EmbeddingPanel,
  items: Int32Array,
  { labels, classNames }: EmbeddingOptions["split"],
): readonly ScatterPoint[] {
  const plane = project(selectRows(embeddings, items), principalComponents(selectRows(along, items)));
  return Array.from(items, (item, index) => {
    const { group, kind } = classParts(classNames[labels[item] ?? -1] ?? "");
    const [x = 0, y = 0] = plane.data.subarray(2 * index, 2 * index + 2);
    return { x, y, colour: group, symbol: kind, panel: name };
  });
}
