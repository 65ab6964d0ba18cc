import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { artifactPath } from "../../lib/core/artifacts/obtain";
import { writeMakingRecord } from "../../lib/core/artifacts/record";
import { readArtifact, writeArtifact } from "../../lib/core/artifacts/store";
import { environmentOf } from "../../lib/core/environment";
import type { NamedArrays } from "../../lib/core/named-arrays";
import { random } from "../../lib/core/random";
import { trainingOf } from "../../lib/experiments/steps/training";
import { initialNetwork } from "../../lib/nn/networks/network";
import { initialTransformation } from "../../lib/nn/transformation";
import { modelsAt } from "../../lib/tables/shared/shared-models";
import { storeModels, updateAt } from "../../lib/tables/shared/stored-models";

let folder = "";
const { old, next, simclr, fct } = modelsAt("quick", 0);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fct-stored-"));
  vi.stubEnv("FCT_CACHE", join(folder, "cache"));
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const dimensions = old.recipe.architecture.embedding;
const { inner } = fct(simclr).recipe;
const made = {
  old: [old, initialNetwork(old.recipe.architecture, random(0, "old"))],
  new: [next, initialNetwork(next.recipe.architecture, random(0, "new"))],
  simclr: [simclr, initialNetwork(simclr.recipe.architecture, random(0, "simclr"))],
  h: [
    fct(simclr),
    initialTransformation({ old: dimensions, side: dimensions, target: dimensions, inner }, random(0, "h")),
  ],
} as const;

function intoCache(name: keyof typeof made): NamedArrays {
  const [model, arrays] = made[name];
  const path = artifactPath(join(folder, "cache"), trainingOf(model));
  writeArtifact(path, { arrays, facts: {} });
  const here = environmentOf({ tensorflow: "2", device: "CPU" });
  writeMakingRecord(path, { label: name, date: "2026-01-02T03:04:05.678Z", seconds: 1, environment: here });
  return arrays;
}

test("models that are not in the cache are named, and nothing is written", () => {
  for (const name of ["old", "new", "h"] as const) intoCache(name);
  expect(() => storeModels("quick", join(folder, "stored"))).toThrow(
    /the model "simclr" is not in the cache.*npm run reproduce -- --table main --scale quick/,
  );
  expect(existsSync(join(folder, "stored"))).toBe(false);
  expect(updateAt("quick", join(folder, "stored"))).toMatchObject({ old, next, mapped: fct(simclr) });
});

test("stored models stand for those of the main table, rounded to 16 bits", () => {
  intoCache("simclr");
  const stored = storeModels("quick", join(folder, "stored"));
  expect(stored.map((path) => basename(path))).toEqual(
    ["old", "new", "simclr", "h"].map((name) => `${name}.safetensors`),
  );
  const update = updateAt("quick", join(folder, "stored"));
  expect(update.old.recipe).toMatchObject({ architecture: old.recipe.architecture, classes: old.recipe.classes });
  expect(update.mapped).toMatchObject({ old: update.old, target: update.next, recipe: { inner } });
  for (const [index, name] of (["old", "new", "simclr", "h"] as const).entries()) {
    const { arrays } = readArtifact(stored[index] ?? "");
    for (const [array, { data }] of Object.entries(made[name][1])) {
      const rounded = arrays[array]?.data ?? [];
      data.forEach((value, i) => {
        if (Math.abs((rounded[i] ?? Number.NaN) - value) > Math.abs(value) / 2048 + 2 ** -25) {
          throw new Error(`${name} ${array}[${i}]: ${value} became ${rounded[i]}`);
        }
      });
    }
  }
  const sizes = stored.map((path) => statSync(path).size);
  const [whole] = [artifactPath(join(folder, "cache"), trainingOf(old))].map((path) => statSync(path).size);
  expect(sizes[0]).toBeLessThan(0.51 * (whole ?? 0));
});

test("a stored model without its card, with another's, or of another declaration is refused by name", () => {
  const at = (name: string): string => join(folder, "stored", name);
  const card = readFileSync(at("new.json"), "utf8");
  rmSync(at("new.json"));
  expect(() => updateAt("quick", join(folder, "stored"))).toThrow(/new\.json: is missing.*fct -- models --scale quick/);
  writeFileSync(at("new.json"), readFileSync(at("old.json")));
  expect(() => updateAt("quick", join(folder, "stored"))).toThrow(/new\.safetensors: is of another declaration/);
  writeFileSync(at("new.json"), card);
  writeFileSync(at("new.safetensors"), readFileSync(at("old.safetensors")));
  expect(() => updateAt("quick", join(folder, "stored"))).toThrow(/new\.safetensors: is not what its card describes/);
});

test("those in results/ are of today's declaration", () => {
  const { dataset, mapped } = updateAt("laptop");
  expect(dataset.name).toBe("cifar-100");
  expect(mapped.recipe.imported?.path).toMatch(/results\/laptop\/models\/h\.safetensors$/);
});
