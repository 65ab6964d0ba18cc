import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { learnAdapter } from "../../../lib/adapters/learn";
import { matrixSource } from "../../../lib/adapters/pairs/pairs";
import { saveAdapter } from "../../../lib/adapters/save-adapter";
import { curveFile } from "../../../lib/cli/backfill/curve-file";
import { orderFile } from "../../../lib/cli/backfill/order-file";
import { evaluateRetrieval } from "../../../lib/retrieval/evaluate";
import { normalRows } from "../../retrieval/normal-rows";
import { temporaryFolder } from "../../temporary-folder";
import { writeMatrix } from "../small-transformation";

const context = { line: { show: () => {}, keep: () => {} }, signal: new AbortController().signal };
const items = 80;
const [old, next] = [normalRows("old", items, 6), normalRows("new", items, 4)];
const classes = Array.from({ length: items }, (_, i) => i % 8);

async function files(kind: "fastfill" | "linear") {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  writeMatrix(path("old.npy"), old);
  writeMatrix(path("new.npy"), next);
  writeFileSync(path("y.csv"), ["class", ...classes.map((label) => `c${label}`)].join("\n"));
  const pairs = { from: matrixSource("old", old), side: null, to: matrixSource("new", next) };
  const nothing = { checkpoint: { load: () => null, save: () => {} }, progress: { report: () => {} } };
  const learned = await learnAdapter(
    { pairs, kind, epochs: 2, inner: 8, batchSize: 32 },
    { ...nothing, signal: context.signal },
  );
  saveAdapter(path("h.safetensors"), learned, { pairs, data: { from: "0", side: null, to: "1" } });
  return {
    weights: path("h.safetensors"),
    old: path("old.npy"),
    new: path("new.npy"),
    labels: path("y.csv"),
    out: path("order.csv"),
  };
}

describe("the order of what to embed again", () => {
  it("begins with the largest predicted error, and is written as CSV", async () => {
    const names = await files("fastfill");
    const { items: order, predictedError } = await orderFile(names, context);
    const [head, ...lines] = readFileSync(names.out, "utf8").trim().split("\n");
    expect(head).toBe("rank,item,predicted_error");
    expect(lines.map((line) => line.split(",").map(Number))).toEqual(
      Array.from(order, (item, place) => [place + 1, item, predictedError[item]]),
    );
    const errors = Array.from(order, (item) => predictedError[item] as number);
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    expect(new Set(order).size).toBe(items);
    await expect(orderFile(names, context)).rejects.toThrow(/it exists/);
    const npy = { ...names, out: `${names.out}.npy` };
    await expect(orderFile(npy, context)).rejects.toThrow("order.csv.npy: its ending must be .csv");
  });

  it("takes the place of no input, not even by force", async () => {
    const names = await files("fastfill");
    for (const input of [names.weights, names.old, names.new]) {
      const choices = { ...names, side: `${names.new}#vectors`, out: input, force: true };
      await expect(orderFile(choices, context)).rejects.toThrow(/it is an input/);
    }
  });

  it("needs an h that predicts its error", async () => {
    await expect(orderFile(await files("linear"), context)).rejects.toThrow(/does not predict.*--kind fastfill/);
  });
});

describe("the curve of an update", () => {
  it("ends, in every order, where everything has been embedded again", async () => {
    const names = await files("fastfill");
    const { curves } = await curveFile({ ...names, points: 3 }, context);
    expect(Object.keys(curves)).toEqual(["predicted", "random", "hindsight"]);
    const { top1, mAP } = evaluateRetrieval({ gallery: next, query: next, labels: classes, excludeSelf: true });
    for (const curve of Object.values(curves)) {
      expect(curve.shares).toEqual([0, 0.5, 1]);
      expect([curve.top1[2], curve.mAP[2]]).toEqual([top1, mAP]);
    }
  });

  it("refuses files that do not fit", async () => {
    const names = await files("linear");
    await expect(curveFile({ ...names, new: names.old }, context)).rejects.toThrow(
      /it is 80 x 6, the mapped gallery 80 x 4/,
    );
    await expect(curveFile({ ...names, old: names.new }, context)).rejects.toThrow(
      /has 4 dimensions, h of .* takes 6 together/,
    );
  });
});
