import { oneOf } from "../../core/check";
import { type Matrix, selectRows } from "../../core/matrix";
import type { ImageSplit } from "../../data/splits/dataset";
import { principalComponents, project } from "../../statistics/principal-components";
import type { Figure } from "../plot/figure";
import { palette, symbols } from "../plot/palette";
import { classLabel, classParts } from "../text/text";
import { type ScatterOptions, type ScatterPoint, scatterFigure } from "./scatter";

/**
 * Embeddings of a split, seen along their own principal components or along the components of other
 * embeddings in the same space.
 */
export interface EmbeddingPanel {
  readonly name: string;
  readonly embeddings: Matrix;
  readonly along?: Matrix;
}

/** Which items of a split are drawn: those of `classes`. */
interface EmbeddingOptions extends ScatterOptions {
  readonly split: Pick<ImageSplit, "labels" | "classNames">;
  readonly classes: readonly string[];
}

/** The labels of a class: its group and its kind, or its own name twice. */
type ClassMark = (className: string) => Pick<ScatterPoint, "colour" | "symbol">;

/**
 * The same items in several embeddings side by side, each along the first two principal components
 * of the items drawn. Classes "group/kind" that cross have a colour for each group and a symbol for
 * each kind; other classes have a colour and a symbol of their own. Throws RangeError for a class
 * that the split lacks.
 */
export function embeddingFigure(panels: readonly EmbeddingPanel[], options: EmbeddingOptions): Figure {
  const items = itemsOf(options);
  const mark = areCrossed(options.classes) ? crossedMark : ownMark;
  return scatterFigure(
    panels.flatMap((panel) => pointsOf(panel, { items, split: options.split, mark })),
    options,
  );
}

/** Whether a legend of groups and kinds is no longer than one of classes, and unambiguous. */
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
  const labels = new Set(classes.map((name) => split.classNames.indexOf(oneOf("class", name, split.classNames))));
  return Int32Array.from(split.labels.keys()).filter((index) => labels.has(split.labels[index] as number));
}

function pointsOf(
  { name, embeddings, along = embeddings }: EmbeddingPanel,
  { items, split, mark }: { items: Int32Array; split: EmbeddingOptions["split"]; mark: ClassMark },
): readonly ScatterPoint[] {
  const plane = project(selectRows(embeddings, items), principalComponents(selectRows(along, items)));
  return Array.from(items, (item, index) => {
    const [x, y] = [plane.data[2 * index] as number, plane.data[2 * index + 1] as number];
    return { x, y, ...mark(split.classNames[split.labels[item] as number] as string), panel: name };
  });
}
