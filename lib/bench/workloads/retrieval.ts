import { type Matrix, selectRows } from "../../core/matrix";
import { random } from "../../core/random";
import { backfillCurve } from "../../retrieval/backfill";
import { evaluateRetrieval } from "../../retrieval/evaluate";
import { topK } from "../../retrieval/top-k";
import { tf } from "../../tf/tensorflow";
import { classRows } from "./made-up";
import type { Workload } from "./measurement";

const dimensions = 128;

type Options = Readonly<Record<string, number>>;

/** CMC, mAP, R-precision and MAP@R of all items against all. A unit is a query. */
export async function evaluationWork({ items = 1000, warm = 1 }: Options): Promise<Workload> {
  const { embeddings, labels } = classRows("items", items, dimensions);
  const round = async (): Promise<{ readonly units: number }> => {
    evaluateRetrieval({ gallery: embeddings, query: embeddings, labels, excludeSelf: true });
    return { units: items };
  };
  if (warm > 0)
    evaluateRetrieval({
      gallery: head(embeddings),
      query: head(embeddings),
      labels: labels.slice(0, 1000),
      excludeSelf: true,
    });
  return { round };
}

/**
 * Only the matrix products in squared distances of all items to all, in blocks. A unit is a query.
 */
export async function distanceProducts({ items = 1000, block = 500 }: Options): Promise<Workload> {
  const { data } = classRows("items", items, dimensions).embeddings;
  const gallery = tf.keep(tf.tensor2d(data, [items, dimensions]));
  const products = (rows: number): void => {
    for (let first = 0; first < rows; first += block) {
      tf.tidy(() => void tf.matMul(gallery.slice([first, 0], [block, dimensions]), gallery, false, true));
    }
  };
  products(block);
  return {
    round: async () => {
      products(items);
      return { units: items };
    },
  };
}

/** The k nearest items of each item. A unit is a query. */
export async function nearest({ items = 1000, k = 100 }: Options): Promise<Workload> {
  const { embeddings } = classRows("items", items, dimensions);
  const search = (matrix: Matrix): void => void topK({ gallery: matrix, query: matrix, k, excludeSelf: false });
  search(head(embeddings));
  return {
    round: async () => {
      search(embeddings);
      return { units: items };
    },
  };
}

/** A backfilling curve. A unit is a point. */
export async function curve({ items = 1000, points = 22 }: Options): Promise<Workload> {
  const input = galleries(items);
  const round = async (): Promise<{ readonly units: number }> => {
    backfillCurve({ ...input, excludeSelf: true, points });
    return { units: points };
  };
  await round();
  return { round };
}

/** The same points one by one, each by an evaluation of its mixed gallery. A unit is a point. */
export async function evaluations({ items = 1000, points = 22 }: Options): Promise<Workload> {
  const { gallery, next, order, ...search } = galleries(items);
  const evaluate = (point: number): void => {
    const mixed = { ...gallery, data: gallery.data.slice() };
    for (const item of order.subarray(0, Math.floor((point * items) / (points - 1)))) {
      mixed.data.set(next.data.subarray(item * dimensions, (item + 1) * dimensions), item * dimensions);
    }
    evaluateRetrieval({ gallery: mixed, ...search, excludeSelf: true });
  };
  evaluate(0);
  return {
    round: async () => {
      for (let point = 0; point < points; point++) evaluate(point);
      return { units: points };
    },
  };
}

function galleries(items: number) {
  const { embeddings: gallery, labels } = classRows("gallery", items, dimensions);
  const { embeddings: next } = classRows("next", items, dimensions);
  const { embeddings: query } = classRows("query", items, dimensions);
  return { gallery, next, query, labels, order: random("bench", "order").permutation(items) };
}

/** The first thousand rows, or all if there are fewer. */
function head(matrix: Matrix): Matrix {
  return selectRows(
    matrix,
    Int32Array.from({ length: Math.min(1000, matrix.rows) }, (_, row) => row),
  );
}
