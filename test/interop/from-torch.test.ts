import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { zipEntries } from "../../lib/core/input/zip";
import { projectRoot } from "../../lib/core/paths";
import { random } from "../../lib/core/random";
import { fromTorch } from "../../lib/interop/from-torch";
import { readTorchFile } from "../../lib/interop/torch-file";
import { initialResNet } from "../../lib/nn/networks/resnet";

describe("weights of a ResNet", () => {
  const small = join(projectRoot(), "test", "oracles", "resnet18.pt");
  const scripted = join(projectRoot(), "..", "shared", "oracles", "r18-128.torchscript.pt");

  interface Case {
    readonly file: string;
    readonly width: number;
    readonly embedding: number;
    readonly classes: number;
    /** The entry of the stem's storage, the file's first. */
    readonly first: string;
  }

  /** All weights have this library's names and shapes, and some of the stem's are those of the file's bytes. */
  async function expectWhole({ file, width, embedding, classes, first }: Case): Promise<void> {
    const { classifier, ...weights } = fromTorch(await readTorchFile(file));
    expect(classifier?.shape).toEqual([embedding, classes]);
    const own = initialResNet({ kind: "resnet", depth: 18, embedding, width }, random(1));
    const shapes = (arrays: typeof own) =>
      Object.entries(arrays)
        .map(([name, { shape }]) => `${name} ${shape}`)
        .sort();
    expect(shapes(weights)).toEqual(shapes(own));
    let values: Buffer = Buffer.alloc(0);
    for await (const { path, content } of zipEntries(file, readFileSync(file))) {
      if (path === first) values = await content();
    }
    const stem = weights["stem.convolution"]?.data ?? [];
    // Output, input, height, width there; height, width, input, output here.
    for (const [o, i, y, x] of [
      [0, 0, 0, 0],
      [width - 1, 2, 6, 6],
      [Math.floor(width / 2), 1, 2, 4],
    ] as const) {
      expect(stem[((y * 7 + x) * 3 + i) * width + o]).toBe(values.readFloatLE(4 * (((o * 3 + i) * 7 + y) * 7 + x)));
    }
  }

  test("are all read from a state_dict, with this library's names and shapes", async () => {
    await expectWhole({ file: small, width: 4, embedding: 16, classes: 6, first: "resnet18/data/0" });
  });

  test.skipIf(!existsSync(scripted))(
    "are all read from a TorchScript file (skipped without ../shared/oracles/r18-128.torchscript.pt, 30 MB)",
    async () => {
      await expectWhole({
        file: scripted,
        width: 64,
        embedding: 128,
        classes: 10,
        first: "r18-128.torchscript/data/0",
      });
    },
  );

  const array = (...shape: number[]) => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  });

  test("are renamed and laid out anew, bottlenecks and shortcuts too, under any prefix", () => {
    const converted = fromTorch({
      "module.conv1.weight": array(2, 1, 1, 2),
      "module.bn1.running_var": array(2),
      "module.layer4.10.conv3.weight": array(1, 1, 1, 1),
      "module.layer1.0.bn3.bias": array(3),
      "module.layer2.0.downsample.0.weight": array(2, 2, 1, 1),
      "module.layer2.0.downsample.1.running_mean": array(2),
      "module.layer2.0.downsample.1.num_batches_tracked": array(),
      "module.fc.weight": array(3, 2),
    });
    expect(converted).toEqual({
      "stem.convolution": { shape: [1, 2, 1, 2], data: Float32Array.of(0, 2, 1, 3) },
      "stem.norm.variance": array(2),
      "stages.3.blocks.10.convolution3": array(1, 1, 1, 1),
      "stages.0.blocks.0.norm3.offset": array(3),
      "stages.1.blocks.0.shortcut.convolution": { shape: [1, 1, 2, 2], data: Float32Array.of(0, 2, 1, 3) },
      "stages.1.blocks.0.shortcut.norm.mean": array(2),
      classifier: { shape: [2, 3], data: Float32Array.of(0, 2, 4, 1, 3, 5) },
    });
  });

  test("are read without a classifier that has a bias, as torchvision's have", () => {
    const arrays = { "m.conv1.weight": array(1, 1, 1, 1), "m.fc.weight": array(3, 2), "m.fc.bias": array(3) };
    expect(Object.keys(fromTorch(arrays))).toEqual(["stem.convolution"]);
  });

  test("are refused by name where they are not a ResNet's", () => {
    expect(() => fromTorch({ "conv1.weight": array(1, 1, 1, 1), "attention.weight": array(2) })).toThrow(
      /attention\.weight .*ResNet/,
    );
    expect(() => fromTorch({ "fc.weight": array(1, 1) })).toThrow(/0 tensors.*conv1\.weight/);
  });
});
