import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DatasetName } from "../../../lib/data/fetching/catalogue";
import { presentFolder } from "../../../lib/data/fetching/dataset-state";
import { loadDataset } from "../../../lib/data/load-dataset";
import { temporaryFolder } from "../../temporary-folder";

let data: string;
beforeEach(() => {
  data = temporaryFolder();
  vi.stubEnv("FCT_DATA", data);
  vi.stubEnv("FCT_DATA_MIRROR", "");
});
afterEach(() => vi.unstubAllEnvs());

const place = (name: DatasetName, ...files: readonly string[]): void => {
  for (const file of files) {
    mkdirSync(join(data, name, file, ".."), { recursive: true });
    writeFileSync(join(data, name, file), "");
  }
};

describe("a dataset that is not here", () => {
  it.each([
    [{ name: "tiny-imagenet", side: 32, classes: 100 }, "Tiny-ImageNet-200, 64 x 64", "data get tiny-imagenet"],
    [{ name: "cifar-100", side: 32 }, "CIFAR-100", "data get cifar-100"],
    [{ name: "cifar-10", side: 224 }, "CIFAR-10", "data get cifar-10"],
    [{ name: "fashion-mnist", side: 32 }, "Fashion-MNIST", "data get fashion-mnist"],
  ] as const)("%j stops the run with its name, home, terms and the command", async (recipe, title, command) => {
    const said = await loadDataset(recipe).catch((error: Error) => error.message);
    expect(said).toContain(`${title} is not on this machine (no ${data}`);
    expect(said).toMatch(/\n {2}home: {2}http.*\n {2}terms: .*\n/);
    expect(said).toContain(`npm run fct -- ${command}`);
  });

  it("says where to put what cannot be downloaded", () => {
    expect(() => presentFolder("imagenet-1k")).toThrow(/put your copy there, or a link to it: train\/<class>\/\*\.jpg/);
  });
});

describe("a dataset's folder", () => {
  it("is refused by what it lacks", () => {
    place("cifar-10", "data_batch_1.bin", "data_batch_3.bin", "test_batch.bin");
    expect(() => presentFolder("cifar-10")).toThrow(
      "is not CIFAR-10: data_batch_2.bin, data_batch_4.bin, data_batch_5.bin missing",
    );
  });

  it("of class folders needs a class in each part", () => {
    place("places-365", "train/abbey/1.jpg", "val/stray.jpg");
    expect(() => presentFolder("places-365")).toThrow("is not Places-365: val missing");
    place("places-365", "val/abbey/1.jpg");
    expect(presentFolder("places-365")).toBe(join(data, "places-365"));
  });
});
