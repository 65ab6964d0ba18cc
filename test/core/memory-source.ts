import type { Matrix } from "../../lib/core/matrix";
import type { MatrixSource } from "../../lib/core/matrix-source";

/** A matrix in memory as a source, which returns views of it. */
export function memorySource(name: string, { rows, columns, data }: Matrix): MatrixSource {
  return {
    name,
    rows,
    columns,
    read: async (first, end) => ({
      rows: end - first,
      columns,
      data: data.subarray(first * columns, end * columns),
    }),
  };
}
