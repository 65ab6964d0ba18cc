import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openAdapter } from "../../../lib/adapters/open-adapter";
import { importFile } from "../../../lib/cli/exchange/import-file";
import { random } from "../../../lib/core/random";
import { transformationToTorch } from "../../../lib/interop/transformation-names";
import { initialTransformation } from "../../../lib/nn/transformation";
import { bytesAs, safetensorsFile } from "../../files/npy-writer";
import type { FuzzTarget } from "../fuzz-target";
import { normals } from "./arrays";

/** Weights of a linear map, opened as `fct map` opens what `fct learn` made. */
export const adapterTarget: FuzzTarget = {
  name: "adapter",
  valid: async () =>
    (["F32", "F16"] as const).map((dtype) => {
      const size = dtype === "F32" ? 4 : 2;
      const header = {
        "map.linear": { dtype, shape: [3, 2], data_offsets: [0, 6 * size] },
        "map.bias": { dtype, shape: [2], data_offsets: [6 * size, 8 * size] },
      };
      return {
        file: "h.safetensors",
        bytes: safetensorsFile(header, bytesAs(dtype === "F32" ? "<f4" : "<f2", normals.slice(0, 8))),
      };
    }),
  read: async (path) => {
    const { h } = await openAdapter(path, "gallery");
    h.dispose();
    return "together" in h.takes ? `${h.takes.together} ${h.target}` : "no linear map";
  },
};

/** An h in the official code's names, as `fct import` takes it; no independent reader knows them. */
export const importTarget: FuzzTarget = {
  name: "import",
  valid: async () => {
    const own = initialTransformation({ old: 2, side: 2, target: 2, inner: 3 }, random("fuzz", "import"));
    let end = 0;
    const entries = Object.entries(transformationToTorch(own)).map(([name, { shape, data }]) => {
      const begin = end;
      end += data.byteLength;
      return { name, data, entry: { dtype: "F32", shape, data_offsets: [begin, end] } };
    });
    const header = Object.fromEntries(entries.map(({ name, entry }) => [`module.${name}`, entry]));
    const values = Buffer.concat(
      entries.map(({ data: { buffer, byteOffset, byteLength } }) => Buffer.from(buffer, byteOffset, byteLength)),
    );
    return [{ file: "w.safetensors", bytes: safetensorsFile(header, values) }];
  },
  read: async (path, out) => {
    mkdirSync(out, { recursive: true });
    const { what } = await importFile(path, { as: "transformation", out: join(out, "h.safetensors"), force: true });
    return what;
  },
};
