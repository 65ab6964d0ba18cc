import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeBackend } from "./backend";
import { type GraphNode, savedModel } from "./graph-node";
import { NotCapturable } from "./not-capturable";
import type { tf } from "./tensorflow";

/** A graph loaded into TensorFlow, with variables of its own. */
export interface GraphSession {
  /** The outputs of the nodes named `fetched`, with values for the placeholders named in `fed`; the caller disposes of them. */
  readonly run: (fed: ReadonlyMap<string, tf.Tensor>, fetched: readonly string[]) => tf.Tensor[];
  /** Frees the graph and its variables. */
  readonly close: () => void;
}

/** Loads a graph; throws NotCapturable with TensorFlow's words where it does not take it. It passes through a temporary folder, which is gone afterwards. */
export function openSession(nodes: readonly GraphNode[]): GraphSession {
  const backend = nativeBackend();
  const id = loaded(nodes);
  return {
    run: (fed, fetched) =>
      backend.runSavedModel(
        id,
        [...fed.values()],
        [...fed.keys()].map((name) => ({ name: `${name}:0` })),
        fetched.map((name) => `${name}:0`),
      ),
    close: () => backend.deleteSavedModel(id),
  };
}

function loaded(nodes: readonly GraphNode[]): number {
  const folder = mkdtempSync(join(tmpdir(), "captured-"));
  try {
    writeFileSync(join(folder, "saved_model.pb"), savedModel(nodes));
    return nativeBackend().loadSavedModelMetaGraph(folder, "serve");
  } catch (error) {
    throw new NotCapturable((error as Error).message, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
