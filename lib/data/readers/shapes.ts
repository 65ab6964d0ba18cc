import { wholeNumber } from "../../core/check";
import { type Random, random } from "../../core/random";
import { normalisationOf } from "../images/normalisation";
import type { Dataset, ImageSplit, SplitSizes } from "../splits/dataset";
import { memorySplit, type StoredImages } from "../splits/memory-split";
import { type ColourName, colourHues, drawShape, shapeNames } from "./draw-shape";

/** The drawn shapes: images of side x side, equally many of each class in either split. */
export interface ShapesRecipe {
  readonly side: number;
  /** Images of each colour and shape. */
  readonly perClass: number;
  readonly seed: number;
  /** "colour" is what an old model that knows no shape is trained on. */
  readonly labels?: "colour and shape" | "colour";
}

const colourNames: readonly ColourName[] = Object.keys(colourHues).filter(isColour).sort();

/** The fine classes, "colour/shape", in the order of their names as text. */
export const shapeClasses: readonly string[] = colourNames.flatMap((colour) =>
  shapeNames.map((shape) => `${colour}/${shape}`),
);

/** Images of each split. */
export function shapesSize({ perClass }: Pick<ShapesRecipe, "perClass">): SplitSizes {
  return { train: shapeClasses.length * perClass, test: shapeClasses.length * perClass };
}

/**
 * Drawn coloured shapes. Training and test images come from separate streams of the seed, each
 * image from one of its own; they are the same whatever the labels.
 */
export function shapes({ side, perClass, seed, labels = "colour and shape" }: ShapesRecipe): Dataset {
  wholeNumber("side of shapes", side, { least: 8 });
  wholeNumber("shapes perClass", perClass, { least: 1 });
  const fine = Int32Array.from({ length: shapeClasses.length * perClass }, (_, i) => Math.floor(i / perClass));
  const train = drawAll(fine, side, random(seed, "shapes", "train"));
  const test = drawAll(fine, side, random(seed, "shapes", "test"));
  const normalisation = normalisationOf(train);
  const split = (images: StoredImages): ImageSplit =>
    labels === "colour"
      ? memorySplit(images, fine.map(colourOf), colourNames, normalisation)
      : memorySplit(images, fine, shapeClasses, normalisation);
  return { train: split(train), test: split(test) };
}

/** The label of a fine class among the colours. */
function colourOf(label: number): number {
  return Math.floor(label / shapeNames.length);
}

function drawAll(labels: Int32Array, side: number, stream: Random): StoredImages {
  const values = new Uint8Array(labels.length * side * side * 3);
  labels.forEach((label, index) => {
    const colour = colourNames[colourOf(label)] ?? "red";
    const shape = shapeNames[label % shapeNames.length] ?? "circle";
    values.set(drawShape(shape, colour, side, stream.fork(index)), index * side * side * 3);
  });
  return { height: side, width: side, channels: 3, values };
}

function isColour(name: string): name is ColourName {
  return name in colourHues;
}
