import { copyFileSync, writeFileSync } from "node:fs";
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
      const mapped = h.map(
        matrix(rows, 6, Float32Array.from(golden.old)),
        matrix(rows, 4, Float32Array.from(golden.side)),
      );
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

describe("a backbone", () => {
  it("of a TorchScript archive is known by its names and shapes", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "resnet18.pt");
    copyFileSync(join(projectRoot(), "test", "oracles", "resnet18.pt"), file);
    const { what, facts } = await importFile(file, { as: "backbone", out: join(folder, "b.safetensors") });
    expect(what).toMatch(/^ResNet-18/);
    expect(facts.architecture).toMatchObject({ kind: "resnet", depth: 18 });
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
