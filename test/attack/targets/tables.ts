import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cardPath, readCard } from "../../../lib/adapters/card";
import { learnAdapter } from "../../../lib/adapters/learn";
import { matrixSource } from "../../../lib/adapters/pairs/pairs";
import { saveAdapter } from "../../../lib/adapters/save-adapter";
import { projectRoot } from "../../../lib/core/paths";
import { bytesAs, npyFile } from "../../files/npy-writer";
import { normalRows } from "../../retrieval/normal-rows";
import { zipOf } from "../../zip-writer";
import type { FuzzTarget } from "../fuzz-target";
import { matrixText, normals } from "./arrays";

/** Embeddings in CSV. */
export const csvTarget: FuzzTarget = {
  name: "csv",
  valid: async () => [
    { file: "a.csv", bytes: Buffer.from("x,y,z\n1,2.5,-3e-2\n+.5,6.,7\n") },
    { file: "a.csv", bytes: Buffer.from('vector\r\n"[1, 2, 3]"\r\n"[4.5, -6, 7e1]"\r\n') },
    { file: "a.csv", bytes: Buffer.from('1,"2"\n nan ,inf\n') },
  ],
  read: matrixText,
};

/** Embeddings in NPZ, stored and compressed. */
export const npzTarget: FuzzTarget = {
  name: "npz",
  valid: async () =>
    [false, true].map((stored) => ({
      file: "a.npz",
      bytes: zipOf([
        { name: "x.npy", content: npyFile({ descr: "<f4", shape: [4, 3] }, bytesAs("<f4", normals)), stored },
        { name: "y.npy", content: npyFile({ descr: "<i8", shape: [2] }, bytesAs("<i8", [3, 4])), stored },
      ]),
    })),
  read: matrixText,
};

/** Embeddings in Parquet, which no independent reader here can read. */
export const parquetTarget: FuzzTarget = {
  name: "parquet",
  valid: async () => [
    { file: "a.parquet", bytes: readFileSync(join(projectRoot(), "test", "files", "vectors.parquet")) },
  ],
  read: matrixText,
};

/** The card beside an adapter's weights. */
export const cardTarget: FuzzTarget = {
  name: "card",
  beside: async () => ({ "h.safetensors": (await adapter()).weights }),
  valid: async () => [{ file: "h.card.json", bytes: (await adapter()).card }],
  read: async (path) => {
    const card = readCard(path.replace(/card\.json$/, "safetensors"));
    return card === null ? "none" : JSON.stringify([card.kind, card.direction, card.sizes.from, card.sizes.to]);
  },
};

let learnedOnce: Promise<{ readonly weights: Buffer; readonly card: Buffer }> | null = null;

/** A small adapter, learned once. */
function adapter(): NonNullable<typeof learnedOnce> {
  learnedOnce ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), "fct-fuzz-adapter-"));
    try {
      const path = join(folder, "h.safetensors");
      const pairs = {
        from: matrixSource("a", normalRows("a", 40, 3)),
        side: null,
        to: matrixSource("b", normalRows("b", 40, 2)),
      };
      const nothing = { checkpoint: { load: () => null, save: () => {} }, progress: { report: () => {} } };
      const learned = await learnAdapter(
        { pairs, kind: "procrustes" },
        { ...nothing, signal: new AbortController().signal },
      );
      saveAdapter(path, learned, { pairs, data: { from: "0", side: null, to: "1" } });
      return { weights: readFileSync(path), card: readFileSync(cardPath(path)) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  })();
  return learnedOnce;
}
