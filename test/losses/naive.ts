// Every loss a second time, as its paper writes it: plain loops over rows of 64-bit numbers.

export type Rows = readonly (readonly number[])[];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const at = (values: readonly number[], index: number): number => values[index] ?? Number.NaN;
const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((value, i) => value * at(b, i)));
const cosine = (a: readonly number[], b: readonly number[]): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

/** `values` cut into rows of `columns`. */
export function rowsOf(values: ArrayLike<number>, columns: number): number[][] {
  return Array.from({ length: values.length / columns }, (_, row) =>
    Array.from({ length: columns }, (_, column) => values[row * columns + column] ?? Number.NaN),
  );
}

/** rows [n, inner] times columns [inner, m]. */
export function product(rows: Rows, columns: Rows): number[][] {
  return rows.map((row) =>
    (columns[0] ?? []).map((_, j) => sum(row.map((value, k) => value * at(columns[k] ?? [], j)))),
  );
}

export function crossEntropies(logits: Rows, labels: readonly number[], smoothing: number): number[] {
  return logits.map((row, i) => {
    const logTotal = Math.log(sum(row.map(Math.exp)));
    const targets = row.map((_, c) => (c === labels[i] ? 1 - smoothing : 0) + smoothing / row.length);
    return -sum(row.map((logit, c) => at(targets, c) * (logit - logTotal)));
  });
}

export function crossEntropy(logits: Rows, labels: readonly number[], smoothing: number): number {
  return mean(crossEntropies(logits, labels, smoothing));
}

/** `classes` has one row for each class. */
export function marginLogits(
  embeddings: Rows,
  classes: Rows,
  labels: readonly number[],
  { kind, scale, margin }: { kind: "arcface" | "cosface"; scale: number; margin: number },
): number[][] {
  return embeddings.map((embedding, i) =>
    classes.map((weights, c) => {
      const likeness = cosine(embedding, weights);
      return scale * (c === labels[i] ? penalised(likeness, kind, margin) : likeness);
    }),
  );
}

function penalised(likeness: number, kind: "arcface" | "cosface", margin: number): number {
  switch (kind) {
    case "arcface":
      return Math.cos(Math.acos(likeness) + margin);
    case "cosface":
      return likeness - margin;
  }
}

export function contrastive(projections: Rows, temperature: number): number {
  const n = projections.length / 2;
  const likeness = (a: readonly number[], b: readonly number[]): number => Math.exp(cosine(a, b) / temperature);
  const losses = projections.map((row, i) => {
    const others = projections.filter((_, j) => j !== i);
    return -Math.log(
      likeness(row, projections[(i + n) % (2 * n)] ?? []) / sum(others.map((other) => likeness(row, other))),
    );
  });
  return mean(losses);
}

export function compatibility(
  logits: Rows,
  labels: readonly number[],
  mask: readonly number[],
  smoothing: number,
): number {
  const selected = crossEntropies(logits, labels, smoothing).filter((_, i) => mask[i] === 1);
  return selected.length === 0 ? 0 : mean(selected);
}

export function alignments(prediction: Rows, target: Rows): number[] {
  return prediction.map((row, i) => mean(row.map((value, j) => (value - at(target[i] ?? [], j)) ** 2)));
}

export function discounted(losses: readonly number[], logVariance: readonly number[]): number {
  return mean(losses.map((loss, i) => (loss * Math.exp(-at(logVariance, i))) / 2 + at(logVariance, i) / 2));
}

export function cosineDistance(prediction: Rows, target: Rows): number {
  return mean(prediction.map((row, i) => 1 - cosine(row, target[i] ?? [])));
}

/** `labels` of the items, whose views are rows i and i + n. */
export function supervisedContrastive(projections: Rows, labels: readonly number[], temperature: number): number {
  const classes = [...labels, ...labels];
  const losses = projections.map((row, i) => {
    const others = [...projections.keys()].filter((j) => j !== i);
    const likeness = (j: number): number => Math.exp(cosine(row, projections[j] ?? []) / temperature);
    const total = sum(others.map(likeness));
    const positives = others.filter((j) => classes[j] === classes[i]);
    return mean(positives.map((j) => -Math.log(likeness(j) / total)));
  });
  return mean(losses);
}

export function triplet(embeddings: Rows, labels: readonly number[], margin: number): number {
  const distance = (a: readonly number[], b: readonly number[]): number => Math.sqrt(2 - 2 * cosine(a, b) + 1e-6);
  const losses = embeddings.flatMap((row, i) => {
    const to = (same: boolean): number[] =>
      embeddings.flatMap((other, j) => (j !== i && (labels[j] === labels[i]) === same ? [distance(row, other)] : []));
    const [positives, negatives] = [to(true), to(false)];
    if (positives.length === 0 || negatives.length === 0) return [];
    return [Math.max(0, margin + Math.max(...positives) - Math.min(...negatives))];
  });
  return losses.length === 0 ? 0 : mean(losses);
}
