/**
 * Average compatibility of a sequence of models: the share of pairs i > j with matrix[i][j] > matrix[j][j], where matrix[i][j] is a
 * metric of query model i on a gallery of model j. Throws RangeError on fewer than two models and on missing numbers.
 */
export function averageCompatibility(matrix: readonly (readonly number[])[]): number {
  const models = matrix.length;
  if (models < 2) throw new RangeError(`a matrix of ${models} models: at least 2 are needed`);
  let compatible = 0;
  for (let i = 1; i < models; i++) {
    for (let j = 0; j < i; j++) if (entry(matrix, i, j) > entry(matrix, j, j)) compatible++;
  }
  return compatible / ((models * (models - 1)) / 2);
}

function entry(matrix: readonly (readonly number[])[], i: number, j: number): number {
  const value = matrix[i]?.[j];
  if (value === undefined || Number.isNaN(value))
    throw new RangeError(`matrix[${i}][${j}] is ${value}: a number is needed`);
  return value;
}
