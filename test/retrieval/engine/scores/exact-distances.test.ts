import { describe, expect, test } from "vitest";
import { row, selectRows } from "../../../../lib/core/matrix";
import { inScoreMemory } from "../../../../lib/retrieval/engine/kept/between-searches";
import { exactDistances, holdGallery } from "../../../../lib/retrieval/engine/scores/exact-distances";
import { squaredDistance } from "../../../../lib/retrieval/metrics/squared-distance";
import { normalRows } from "../../normal-rows";

describe("exactDistances", () => {
  test.each([1, 2, 3, 4, 5, 7, 8, 127, 128])("are to the bit those of squaredDistance at width %i", (columns) => {
    const gallery = normalRows("gallery", 9, columns);
    const query = normalRows("query", 3, columns);
    inScoreMemory((memory) => {
      const exact = exactDistances(memory, holdGallery(memory, gallery), 9);
      const alone = exactDistances(memory, { rows: 9, columns, address: null, matrix: gallery }, 9);
      for (const items of [[], [4], [8, 0, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8]]) {
        const twin = items.map((item) => squaredDistance(query, 2, gallery, item));
        expect([...exact.of(row(query, 2), Int32Array.from(items))]).toEqual(twin);
        expect([...alone.of(row(query, 2), Int32Array.from(items))]).toEqual(twin);
      }
    });
  });

  test.each([1, 2, 3, 64, 501])("sort %i items, equal distances in gallery order", (count) => {
    const gallery = selectRows(
      normalRows("few", 40, 3, true),
      Int32Array.from({ length: 600 }, (_, i) => (i * 7) % 40),
    );
    const items = Int32Array.from({ length: count }, (_, i) => (i * 389) % 600);
    const twin = [...items]
      .map((item) => [squaredDistance(gallery, 5, gallery, item), item] as const)
      .sort(([a, i], [b, j]) => a - b || i - j);
    const distances = inScoreMemory((memory) => [
      ...exactDistances(memory, holdGallery(memory, gallery), count).ascending(row(gallery, 5), items),
    ]);
    expect([...items]).toEqual(twin.map(([, item]) => item));
    expect(distances).toEqual(twin.map(([distance]) => distance));
  });
});
