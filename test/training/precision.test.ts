import { beforeAll, describe, expect, test } from "vitest";
import { matrix } from "../../lib/core/matrix";
import { loadDataset } from "../../lib/data/load-dataset";
import type { Dataset } from "../../lib/data/splits/dataset";
import type { Precision } from "../../lib/tf/graph/precision";
import { trainBackbone } from "../../lib/training/backbone";
import { embedImages, mapEmbeddings } from "../../lib/training/embed";
import type { Fitted } from "../../lib/training/loop/fit";
import { trainSideInformation } from "../../lib/training/side-information";
import { trainTransformation } from "../../lib/training/transformation";
import { bytesOf } from "../bytes-of";
import { normals } from "../losses/agreement";
import {
  type ToyContext,
  toyAutoencoder,
  toyBackbone,
  toyContext,
  toyShapes,
  toySimclr,
  toyTransformation,
} from "./shapes-toy";

const embeddings = {
  old: matrix(40, 8, normals("old", 320)),
  side: matrix(40, 8, normals("side", 320)),
  target: matrix(40, 8, normals("target", 320)),
};

let dataset: Dataset;
beforeAll(async () => {
  dataset = await loadDataset(toyShapes);
});

/** What a recipe says about its precision and its seed. */
interface Said {
  readonly precision?: Precision;
  readonly seed?: number;
}

type Train = (said: Said, context: ToyContext) => Promise<Fitted>;

const schedule = { learningRate: 0.01, epochs: 2, warmup: 0 } as const;

const trainings: readonly (readonly [string, Train])[] = [
  ["a backbone", (said, context) => trainBackbone({ ...toyBackbone, schedule, ...said }, dataset, context)],
  ["SimCLR", (said, context) => trainSideInformation({ ...toySimclr, schedule, ...said }, dataset, context)],
  [
    "an autoencoder",
    (said, context) => trainSideInformation({ ...toyAutoencoder, schedule, ...said }, dataset, context),
  ],
  ["h", (said, context) => trainTransformation({ ...toyTransformation, schedule, ...said }, embeddings, context)],
];

describe.each(trainings)("the precision of training %s", (_, train) => {
  const trained = async (said: Said): Promise<Fitted> => {
    const context = toyContext();
    const fitted = await train(said, context);
    expect(context.reasons).toEqual([]);
    return fitted;
  };
  let exact: Fitted;
  let mixed: Fitted;
  beforeAll(async () => {
    [exact, mixed] = [await trained({}), await trained({ precision: "bfloat16" })];
  });

  test("is float32 by default, to the byte", async () => {
    expect(bytesOf((await trained({ precision: "float32" })).weights)).toEqual(bytesOf(exact.weights));
  });

  test("changes no random number: the first epoch's loss is nearly the same, unlike with another seed", async () => {
    const other = await trained({ seed: 1 });
    const [own = Number.NaN, near = Number.NaN, far = Number.NaN] = [exact, mixed, other].map(
      ({ losses }) => losses[0],
    );
    expect(near).not.toBe(own);
    expect(Math.abs(near - own)).toBeLessThan(0.25 * Math.abs(far - own));
  });

  test("gives the same bytes on every run at bfloat16, which are not those of float32", async () => {
    expect(bytesOf((await trained({ precision: "bfloat16" })).weights)).toEqual(bytesOf(mixed.weights));
    expect(bytesOf(mixed.weights)).not.toEqual(bytesOf(exact.weights));
  });
});

test("a model embeds, and h maps, at its precision: within 1 % of float32, not the same", async () => {
  const { architecture } = toyBackbone;
  const { weights } = await trainBackbone(toyBackbone, dataset, toyContext());
  const h = await trainTransformation(toyTransformation, embeddings, toyContext());
  const results = async (precision: Precision) => {
    const context = toyContext();
    const embedded = await embedImages({ architecture, weights, precision }, dataset.test, null, context);
    const mapped = mapEmbeddings({ ...toyTransformation, precision }, h.weights, embeddings, context).embeddings;
    expect(context.reasons).toEqual([]);
    return [embedded.data, mapped.data] as const;
  };
  const [exact, mixed] = [await results("float32"), await results("bfloat16")];
  exact.forEach((values, index) => {
    const differences = values.map((value, i) => value - (mixed[index]?.[i] ?? Number.NaN));
    const distance = Math.hypot(...differences) / Math.hypot(...values);
    expect(distance).toBeGreaterThan(1e-5);
    expect(distance).toBeLessThan(0.01);
  });
});
