import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../lib/core/paths";
import { parseResult } from "../../lib/experiments/results/result-file";
import { alignmentWeight, bctWeight } from "../../lib/tables/recipes/recipes";

test.each([
  ["bct", bctWeight.classifier],
  ["means", bctWeight.classMeans],
  ["l2", alignmentWeight],
])(
  "the recipes have the weight of %s with the best mAP on held-out images, between two that are worse",
  (id, chosen) => {
    const path = join(projectRoot(), "results", "quick", "choices.json");
    const tried = parseResult(readFileSync(path, "utf8"), path).rows.flatMap((row) => {
      const weight = new RegExp(`^${id}-([\\d.]+)$`).exec(row.id)?.[1];
      return weight === undefined ? [] : [{ weight: Number(weight), mAP: row.metrics.mAP.mean }];
    });
    const best = tried.reduce((one, other) => (other.mAP > one.mAP ? other : one));
    expect(best.weight).toBe(chosen);
    expect(tried.some(({ weight }) => weight < chosen) && tried.some(({ weight }) => weight > chosen)).toBe(true);
  },
);
