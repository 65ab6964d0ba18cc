import { type Random, random } from "../../core/random";
import { type Dataset, type Relabelling, relabel } from "../splits/dataset";
import { memorySplit, normalisationOf, type StoredImages } from "../splits/memory-split";
import { type ColourName, colourHues, drawShape, shapeNames } from "./draw-shape";

/** The drawn shapes: images of side x side, as many a class in each split, under fine labels or colours alone. */
export interface ShapesRecipe {
  readonly side: number;
  readonly perClass: number;
  readonly seed: number;
  readonly labels?: "colour and shape" | "colour";
}

export const colourNames: readonly ColourName[] = Object.keys(colourHues).filter(isColour).sort();

/** The fine classes, "colour/shape", in the order of their names as text. */
export const shapeClasses: readonly string[] = colourNames.flatMap((colour) =>
  shapeNames.map((shape) => `${colour}/${shape}`),
);

/** From the fine classes to colours: what an old model that knows no shape is trained on. */
export const toColours: Relabelling = {
  classNames: colourNames,
  classOf: Int32Array.from(shapeClasses, (_, label) => Math.floor(label / shapeNames.length)),
};

/** Drawn coloured shapes; training and test images come from separate streams of the seed, each image from its own. */
export function shapes({ side, perClass, seed, labels = "colour and shape" }: ShapesRecipe): Dataset {
  for (const [name, value, least] of [
    ["side", side, 8],
    ["perClass", perClass, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least)
      throw new RangeError(`shapes ${name} ${value}: a whole number of at least ${least} is allowed`);
  }
  const order = Int32Array.from({ length: shapeClasses.length * perClass }, (_, i) => Math.floor(i / perClass));
  const train = drawAll(order, side, random(seed, "shapes", "train"));
  const test = drawAll(order, side, random(seed, "shapes", "test"));
  const normalisation = normalisationOf(train);
  const fine = {
    train: memorySplit(train, order, shapeClasses, normalisation),
    test: memorySplit(test, order, shapeClasses, normalisation),
  };
  return labels === "colour" ? { train: relabel(fine.train, toColours), test: relabel(fine.test, toColours) } : fine;
}

function drawAll(labels: Int32Array, side: number, stream: Random): StoredImages {
  const values = new Uint8Array(labels.length * side * side * 3);
  labels.forEach((label, index) => {
    const colour = colourNames[Math.floor(label / shapeNames.length)] ?? "red";
    const shape = shapeNames[label % shapeNames.length] ?? "circle";
    values.set(drawShape(shape, colour, side, stream.fork(index)), index * side * side * 3);
  });
  return { height: side, width: side, channels: 3, values };
}

function isColour(name: string): name is ColourName {
  return name in colourHues;
}
