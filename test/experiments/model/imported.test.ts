import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { exportFile } from "../../../lib/cli/exchange/export-file";
import { importFile } from "../../../lib/cli/exchange/import-file";
import { readArtifact, writeArtifact } from "../../../lib/core/artifacts/store";
import { projectRoot } from "../../../lib/core/paths";
import { random } from "../../../lib/core/random";
import { testEmbeddings, testSplit } from "../../../lib/experiments/look";
import { adaptedTo, backbone, compatible, upgrade } from "../../../lib/experiments/model/construct";
import { describe as named } from "../../../lib/experiments/model/describe";
import { importedBackbone, importedUpgrade } from "../../../lib/experiments/model/imported";
import type { Model } from "../../../lib/experiments/model/model";
import { runTable } from "../../../lib/experiments/run";
import { embeddingOf } from "../../../lib/experiments/steps/embedding";
import { initialTransformation } from "../../../lib/nn/transformation";
import { ownTable } from "../../../lib/own/own-table";
import { embedImages, mapEmbeddings } from "../../../lib/training/embed";
import { toyBackbone, toyContext, toyShapes, toyTransformation } from "../../training/shapes-toy";

let folder = "";
const at = (name: string): string => join(folder, name);
const target = backbone(toyBackbone);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fct-imported-"));
  vi.stubEnv("FCT_CACHE", at("cache"));
  // A ResNet-18 of 16 dimensions with a classifier of 6 classes, as PyTorch saved it.
  await importFile(join(projectRoot(), "test", "oracles", "resnet18.pt"), { as: "backbone", out: at("b.safetensors") });
  const { classifier: _, ...arrays } = readArtifact(at("b.safetensors")).arrays;
  writeArtifact(at("bare.safetensors"), { arrays, facts: readArtifact(at("b.safetensors")).facts });
  const h = initialTransformation({ old: 16, side: 16, target: 8, inner: 6, layers: 1 }, random("h"));
  writeArtifact(at("own.safetensors"), { arrays: h, facts: {} });
  await exportFile(at("own.safetensors"), { format: "torchscript-names", out: at("torch.safetensors") });
  await importFile(at("torch.safetensors"), { as: "transformation", out: at("h.safetensors") });
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe("an imported model", () => {
  it("stands in rows, as the old model of an h, as side-information and as a target", async () => {
    const old = importedBackbone(at("b.safetensors"), toyBackbone);
    const recipe = toyTransformation;
    const rows: readonly (readonly [string, Model, Model])[] = [
      ["old / old", old, old],
      ["learned h", target, upgrade(old, { target, side: old, recipe })],
      ["imported h", target, importedUpgrade(at("h.safetensors"), { old, target, side: null })],
      ["adapter", target, adaptedTo(old, { target, kind: "linear", views: 2 })],
      ["to the imported", old, upgrade(target, { target: old, side: null, recipe })],
      ["new / new", target, target],
    ];
    const output = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const result = await runTable(ownTable("Imported", rows), { scale: "own", compute: true, progress: "notebook" });
    output.mockRestore();
    expect(result.rows.map(({ metrics }) => metrics.mAP.mean > 0)).toEqual(rows.map(() => true));
    expect(result.histories.map(({ label }) => label)).toHaveLength(3);
    expect(named(old)).toBe("ResNet-18 of width 4 of b.safetensors");
  });

  it("gives the embeddings of its weights", async () => {
    const model = importedBackbone(at("b.safetensors"), toyBackbone);
    const { arrays } = readArtifact(at("b.safetensors"));
    const { architecture } = model.recipe;
    const network = { architecture, weights: arrays, unit: false };
    const expected = await embedImages(network, await testSplit(toyShapes), null, toyContext());
    const found = await testEmbeddings(model);
    expect(found.columns).toBe(16);
    expect(found.data).toEqual(expected.data);
    const h = importedUpgrade(at("h.safetensors"), { old: model, target, side: null });
    const mapped = mapEmbeddings({ layers: 1 }, readArtifact(at("h.safetensors")).arrays, { old: found, side: found });
    expect((await testEmbeddings(h)).data).toEqual(mapped.embeddings.data);
  });

  it("is known by its weights: another file of the same name is another model, and refused in the place of this", async () => {
    copyFileSync(at("b.safetensors"), at("moved.safetensors"));
    const model = importedBackbone(at("moved.safetensors"), toyBackbone);
    copyFileSync(at("bare.safetensors"), at("moved.safetensors"));
    const other = importedBackbone(at("moved.safetensors"), toyBackbone);
    expect(embeddingOf(other, toyShapes).key).not.toBe(embeddingOf(model, toyShapes).key);
    const output = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    await expect(testEmbeddings(model)).rejects.toThrow(
      /moved\.safetensors: holds other weights than when .* declared/,
    );
    output.mockRestore();
  });
});

describe("refused, in one line, is", () => {
  const old = () => importedBackbone(at("b.safetensors"), toyBackbone);

  it("a file that fct import did not write, or of another role", () => {
    expect(() => importedBackbone(at("own.safetensors"), toyBackbone)).toThrow(
      /own\.safetensors: it holds no backbone .*"fct import FILE --as backbone"/,
    );
    expect(() => importedBackbone(at("h.safetensors"), toyBackbone)).toThrow(/holds no backbone or side-information/);
    expect(() => importedUpgrade(at("b.safetensors"), { old: old(), target, side: null })).toThrow(
      /holds no transformation .*--as transformation/,
    );
    expect(() => importedBackbone(join(projectRoot(), "README.md"), toyBackbone)).toThrow(/README\.md/);
  });

  it("an h of other dimensions", () => {
    const wrong = { old: target, target, side: null };
    expect(() => importedUpgrade(at("h.safetensors"), wrong)).toThrow(
      /takes: expected 8 and 8 of the models, got 16 and 16/,
    );
    expect(() => importedUpgrade(at("h.safetensors"), { old: old(), target: old(), side: null })).toThrow(
      /maps to: expected 16 of the target, got 8/,
    );
  });

  it("a training by its recipe, and one that needs a classifier that it lacks", async () => {
    expect(() => backbone(old().recipe, { epochs: 1 })).toThrow(
      /recipe: expected one to train by, got that of the weights/,
    );
    const bare = importedBackbone(at("bare.safetensors"), toyBackbone);
    const wide = backbone({ ...toyBackbone, architecture: { ...toyBackbone.architecture, embedding: 16 } });
    const run = (rows: readonly (readonly [string, Model, Model])[]) =>
      runTable(ownTable("Refused", rows), { scale: "own", compute: true, progress: "notebook" });
    await expect(run([["BCT", compatible(wide.recipe, { old: bare }), bare]])).rejects.toThrow(
      /needs the old model's classifier, which .*bare\.safetensors lacks/,
    );
    const h = upgrade(target, { target: bare, side: null, loss: { kind: "fastfill", weight: 1, smoothing: 0.1 } });
    await expect(run([["FastFill", bare, h]])).rejects.toThrow(/target's classifier, which .*bare\.safetensors lacks/);
  });
});
