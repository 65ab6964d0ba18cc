import { describe, expect, test } from "vitest";
import { row, selectRows } from "../../../../lib/core/matrix";
import { inScoreMemory } from "../../../../lib/retrieval/engine/kept/between-searches";
import { exactDistances, holdGallery } from "../../../../lib/retrieval/engine/scores/exact-distances";
import { factorOf, type ScaledRows } from "../../../../lib/retrieval/metrics/scaled-rows";
import { squaredDistance } from "../../../../lib/retrieval/metrics/squared-distance";
import { normalRows } from "../../normal-rows";

describe("exactDistances", () => {
  test.each([1, 2, 3, 4, 5, 7, 8, 127, 128])("are to the bit those of squaredDistance at width %i", (columns) => {
    const plain = normalRows("gallery", 9, columns);
    const scaled = { ...plain, factors: Float64Array.from({ length: 9 }, (_, i) => 1 / (i + 3)) };
    const searches: readonly (readonly [ScaledRows, ScaledRows])[] = [
      [plain, normalRows("query", 3, columns)],
      [scaled, { ...normalRows("query", 3, columns), factors: Float64Array.of(1, 2, 1 / 7) }],
    ];
    for (const [gallery, query] of searches) {
      inScoreMemory((memory) => {
        const held = holdGallery(memory, gallery);
        const exact = exactDistances(memory, held, 9);
        const alone = exactDistances(memory, { ...held, address: null, matrix: gallery }, 9);
        const asked = { asked: row(query, 2), factor: factorOf(query, 2) };
        for (const items of [[], [4], [8, 0, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8]]) {
          const twin = items.map((item) => squaredDistance(query, 2, gallery, item));
          expect([...exact.of(asked, Int32Array.from(items))]).toEqual(twin);
          expect([...alone.of(asked, Int32Array.from(items))]).toEqual(twin);
        }
      });
    }
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
      ...exactDistances(memory, holdGallery(memory, gallery), count).ascending(
        { asked: row(gallery, 5), factor: 1 },
        items,
      ),
    ]);
    expect([...items]).toEqual(twin.map(([, item]) => item));
    expect(distances).toEqual(twin.map(([distance]) => distance));
  });
});
