import { type Matrix, selectRows } from "../../core/matrix";
import type { ImageSplit } from "../../data/splits/dataset";
import type { Figure } from "../plot/figure";
import { palette, symbols } from "../plot/palette";
import { classLabel, classParts } from "../text/text";
import { principalComponents, project } from "./principal-components";
import { type ScatterOptions, type ScatterPoint, scatterFigure } from "./scatter";

/** Embeddings of a split, seen along their own principal components or along those of other embeddings of the same space. */
export interface EmbeddingPanel {
  readonly name: string;
  readonly embeddings: Matrix;
  readonly along?: Matrix;
}

/** What of a split is drawn: the items of `classes`. */
interface EmbeddingOptions extends ScatterOptions {
  readonly split: Pick<ImageSplit, "labels" | "classNames">;
  readonly classes: readonly string[];
}

/** How the label of a class is told: groups by colours and kinds by symbols, or every class by a pair of its own. */
type ClassMark = (className: string) => Pick<ScatterPoint, "colour" | "symbol">;

/**
 * The same items in several embeddings side by side, each in two dimensions: the principal components of the items drawn. Classes
 * "group/kind" that cross are coloured by group with a symbol for each kind; others have a colour and a symbol each.
 */
export function embeddingFigure(panels: readonly EmbeddingPanel[], options: EmbeddingOptions): Figure {
  const items = itemsOf(options);
  const mark = areCrossed(options.classes) ? crossedMark : ownMark;
  return scatterFigure(
    panels.flatMap((panel) => pointsOf(panel, { items, split: options.split, mark })),
    options,
  );
}

/** Whether naming groups and kinds takes no more entries than naming the classes, and none looks like another. */
function areCrossed(classes: readonly string[]): boolean {
  const parts = classes.map(classParts);
  const groups = new Set(parts.map(({ group }) => group)).size;
  const kinds = new Set(parts.map(({ kind }) => kind)).size;
  return groups + kinds <= classes.length && groups <= palette.length && kinds <= symbols.length;
}

function crossedMark(className: string): ReturnType<ClassMark> {
  const { group, kind } = classParts(className);
  return { colour: group, symbol: kind };
}

function ownMark(className: string): ReturnType<ClassMark> {
  const label = classLabel(className);
  return { colour: label, symbol: label };
}

function itemsOf({ split, classes }: EmbeddingOptions): Int32Array {
  const unknown = classes.find((name) => !split.classNames.includes(name));
  if (unknown !== undefined) throw new RangeError(`class ${unknown}: there are ${split.classNames.join(", ")}`);
  const labels = new Set(classes.map((name) => split.classNames.indexOf(name)));
  return Int32Array.from(split.labels.keys()).filter((index) => labels.has(split.labels[index] ?? -1));
}

function pointsOf(
  { name, embeddings, along = embeddings }: EmbeddingPanel,
  { items, split, mark }: { items: Int32Array; split: EmbeddingOptions["split"]; mark: ClassMark },
): readonly ScatterPoint[] {
  const plane = project(selectRows(embeddings, items), principalComponents(selectRows(along, items)));
  return Array.from(items, (item, index) => {
    const [x = 0, y = 0] = plane.data.subarray(2 * index, 2 * index + 2);
    return { x, y, ...mark(split.classNames[split.labels[item] ?? -1] ?? ""), panel: name };
  });
}
