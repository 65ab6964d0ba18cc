import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openTransformation } from "../../../lib/adapters/open-transformation";
import { exportFile } from "../../../lib/cli/exchange/export-file";
import { importFile } from "../../../lib/cli/exchange/import-file";
import { encodeHeader } from "../../../lib/core/artifacts/safetensors";
import { readArtifact, writeArtifact } from "../../../lib/core/artifacts/store";
import { matrix } from "../../../lib/core/matrix";
import type { NamedArrays } from "../../../lib/core/named-arrays";
import { projectRoot } from "../../../lib/core/paths";
import { random } from "../../../lib/core/random";
import { readWeights } from "../../../lib/files/weights";
import { resnetToTorch } from "../../../lib/interop/resnet-names";
import { initialResNet, type ResNet } from "../../../lib/nn/networks/resnet";
import { initialTransformation } from "../../../lib/nn/transformation";
import golden from "../../nn/transformation.golden.json";
import { temporaryFolder } from "../../temporary-folder";

/** A plain safetensors file, as other programs write it. */
function safetensors(path: string, arrays: NamedArrays): string {
  const entries = Object.entries(arrays);
  const declared = entries.map(([name, { shape, data }]) => ({ name, dtype: "F32", shape, bytes: data.byteLength }));
  writeFileSync(
    path,
    Buffer.concat([encodeHeader(declared), ...entries.map(([, { data }]) => Buffer.from(data.buffer))]),
  );
  return path;
}

/** The official code's state, behind a prefix. */
function official(prefix: string): NamedArrays {
  const entries = Object.entries(golden.end).map(([name, { shape, data }]) => {
    return [`${prefix}${name}`, { shape, data: Float32Array.from(data) }] as const;
  });
  return Object.fromEntries(entries);
}

describe("a transformation in the official code's names", () => {
  it.each(["", "module.", "model.transformation."])(
    "gives its own outputs once imported, behind %j",
    async (prefix) => {
      const folder = temporaryFolder();
      const [file, out] = [safetensors(join(folder, "t.safetensors"), official(prefix)), join(folder, "h.safetensors")];
      const { what, facts, parameters } = await importFile(file, { as: "transformation", out });
      expect(what).toBe("transformation, 6 + 4 -> 5 dimensions");
      expect(facts).toEqual({ sizes: { old: 6, side: 4, target: 5 } });
      expect(parameters).toBe(Object.values(golden.end).reduce((sum, { data }) => sum + data.length, 0));
      const h = openTransformation(await readWeights(out), out);
      const rows = golden.old.length / 6;
      const { embeddings: mapped } = h.mapAll({
        old: matrix(rows, 6, Float32Array.from(golden.old)),
        side: matrix(rows, 4, Float32Array.from(golden.side)),
      });
      h.dispose();
      expect(Math.max(...golden.output.map((value, i) => Math.abs(value - (mapped.data[i] as number))))).toBeLessThan(
        1e-4,
      );
    },
  );

  it("comes back as it was from an export in either names", async () => {
    const folder = temporaryFolder();
    const path = (name: string): string => join(folder, name);
    const weights = initialTransformation({ old: 5, side: 3, target: 4, inner: 6 }, random("exported"));
    writeArtifact(path("h.safetensors"), { arrays: weights, facts: {} });
    for (const format of ["safetensors", "torchscript-names"] as const) {
      const [out, back] = [path(`${format}.safetensors`), path(`${format}-back.safetensors`)];
      const names = Object.keys(await exportFile(path("h.safetensors"), { format, out }));
      expect(names.includes("p1.0.conv.weight")).toBe(format === "torchscript-names");
      await importFile(out, { as: "transformation", out: back });
      expect(readArtifact(back).arrays).toEqual(weights);
      await expect(exportFile(path("h.safetensors"), { format, out })).rejects.toThrow(/it exists/);
    }
  });

  it("is written as the output's ending says, and in no other format", async () => {
    const folder = temporaryFolder();
    const path = (name: string): string => join(folder, name);
    const weights = initialTransformation({ old: 5, side: 3, target: 4, inner: 6 }, random("exported"));
    writeArtifact(path("h.safetensors"), { arrays: weights, facts: {} });
    const bytes = async (out: string, format?: "safetensors" | "onnx" | "torchscript-names"): Promise<Buffer> => {
      await exportFile(path("h.safetensors"), { out: path(out), ...(format === undefined ? {} : { format }) });
      return readFileSync(path(out));
    };
    expect(await bytes("by-ending.onnx")).toEqual(await bytes("named.onnx", "onnx"));
    expect(await bytes("by-ending.safetensors")).toEqual(await bytes("named.safetensors", "safetensors"));
    await expect(bytes("h.onnx", "torchscript-names")).rejects.toThrow("h.onnx: its ending must be .safetensors");
    await expect(bytes("other.safetensors", "onnx")).rejects.toThrow("its ending must be .onnx");
    await expect(bytes("h.npy")).rejects.toThrow("its ending must be .safetensors or .onnx");
    const imported = { as: "transformation", out: path("h.onnx") } as const;
    await expect(importFile(path("h.safetensors"), imported)).rejects.toThrow("its ending must be .safetensors");
  });

  it("has no linear form", async () => {
    const folder = temporaryFolder();
    const [file, out] = [join(folder, "h.safetensors"), join(folder, "out.safetensors")];
    const linear = initialTransformation({ old: 2, side: 2, target: 2, inner: 0, linear: true }, random("linear"));
    writeArtifact(file, { arrays: linear, facts: {} });
    await expect(exportFile(file, { format: "torchscript-names", out })).rejects.toThrow(
      /map\.linear has no name.*--format safetensors/,
    );
  });
});

describe("a file with several networks", () => {
  const backbone = (prefix: string) =>
    Object.entries(resnetToTorch(initialResNet({ kind: "resnet", depth: 18, embedding: 4, width: 2 }, random(prefix))));
  const all = ["old.", "side."].flatMap((prefix) => backbone(prefix).map(([name, array]) => [prefix + name, array]));
  const arrays: NamedArrays = { ...Object.fromEntries(all), ...official("h.") };

  it("gives the one that is named, and asks for a name", async () => {
    const folder = temporaryFolder();
    const file = safetensors(join(folder, "combined.safetensors"), arrays);
    const out = join(folder, "out.safetensors");
    await importFile(file, { as: "side-information", out, part: "side." });
    expect(readArtifact(out).arrays).toEqual(Object.fromEntries(ownNames("side.")));
    expect((await importFile(file, { as: "transformation", out, force: true })).what).toMatch(
      /^transformation, 6 \+ 4/,
    );
    const again = { as: "backbone", out, force: true } as const;
    await expect(importFile(file, again)).rejects.toThrow(
      /2 tensors.*name one of its networks by --part: h\., old\., side\./,
    );
    await expect(importFile(file, { ...again, part: "new." })).rejects.toThrow(
      /no name in it begins with new\..*--part/,
    );
  });

  const ownNames = (prefix: string) =>
    Object.entries(initialResNet({ kind: "resnet", depth: 18, embedding: 4, width: 2 }, random(prefix)));
});

describe("a backbone", () => {
  it("comes back as it was from an export in either names, which PyTorch takes whole", async () => {
    const folder = temporaryFolder();
    const path = (name: string): string => join(folder, name);
    const architecture = { kind: "resnet", depth: 50, embedding: 6, width: 2, wide: 2 } as const;
    const stream = random("classifier");
    const classifier = { shape: [6, 5], data: Float32Array.from({ length: 30 }, stream.normal) };
    const weights = { ...initialResNet(architecture, random("exported")), classifier };
    writeArtifact(path("b.safetensors"), { arrays: weights, facts: {} });
    for (const format of ["safetensors", "torchscript-names"] as const) {
      const [out, back] = [path(`${format}.safetensors`), path(`${format}-back.safetensors`)];
      const exported = await exportFile(path("b.safetensors"), { format, out });
      expect(exported["fc.weight"]?.shape).toEqual(format === "safetensors" ? undefined : [5, 6, 1, 1]);
      expect((await importFile(out, { as: "backbone", out: back })).facts).toEqual({ architecture });
      expect(readArtifact(back).arrays).toEqual(weights);
    }
    const header = readFileSync(path("torchscript-names.safetensors")).toString("latin1");
    const norms = Object.keys(weights).filter((name) => name.endsWith(".variance")).length;
    expect(header.match(/\.num_batches_tracked":\{"dtype":"I64","shape":\[\]/g)?.length).toBe(norms);
  });

  it("is exported only if it is one", async () => {
    const folder = temporaryFolder();
    const file = safetensors(join(folder, "b.safetensors"), {
      "stem.convolution": { shape: [7, 7, 3, 4], data: new Float32Array(588) },
    });
    await expect(exportFile(file, { format: "onnx", out: join(folder, "b.onnx") })).rejects.toThrow(
      /b\.safetensors: its blocks are not those of a ResNet/,
    );
  });

  it("of a TorchScript archive is known by its names and shapes", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "resnet18.pt");
    copyFileSync(join(projectRoot(), "test", "oracles", "resnet18.pt"), file);
    const { what, facts } = await importFile(file, { as: "backbone", out: join(folder, "b.safetensors") });
    expect(what).toMatch(/^ResNet-18/);
    expect(facts.architecture).toMatchObject({ kind: "resnet", depth: 18 });
  });

  it("of torchvision is taken without its classifier, which is said", async () => {
    const folder = temporaryFolder();
    const network = initialResNet({ kind: "resnet", depth: 18, embedding: 12, width: 4 }, random("torchvision"));
    const array = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
    const head = { "fc.weight": array(3, 12), "fc.bias": array(3) };
    const file = safetensors(join(folder, "r.safetensors"), { ...resnetToTorch(network), ...head });
    const out = join(folder, "b.safetensors");
    const { what } = await importFile(file, { as: "backbone", out });
    expect(what).toBe("ResNet-18, width 4, 12 dimensions, without its classifier, which has a bias");
    expect(readArtifact(out).arrays).toEqual(network);
  });

  it.each<ResNet>([
    { kind: "resnet", depth: 18, embedding: 12, width: 4 },
    { kind: "resnet", depth: 34, embedding: 8, width: 4, stem: "small" },
    { kind: "resnet", depth: 50, embedding: 16, width: 4, wide: 2 },
    { kind: "resnet", depth: 101, embedding: 16, width: 4 },
  ])("of this library is $depth deep, and what does not fit it is listed", async (architecture) => {
    const folder = temporaryFolder();
    const weights = initialResNet(architecture, "zeros");
    const read = (arrays: NamedArrays) =>
      importFile(safetensors(join(folder, "b.safetensors"), arrays), {
        as: "side-information",
        out: join(folder, "o.safetensors"),
        force: true,
      });
    expect((await read(weights)).facts).toEqual({ architecture });
    const { "stem.norm.mean": _, ...rest } = weights;
    const wrong = {
      ...rest,
      "stem.norm.scale": { shape: [2], data: new Float32Array(2) },
      more: { shape: [1], data: new Float32Array(1) },
    };
    await expect(read(wrong)).rejects.toThrow(
      /stem\.norm\.scale is 2, 4 is expected; stem\.norm\.mean is missing, 4 is expected; more is not expected/,
    );
  });
});
