import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeBackend } from "../backend";
import { tf } from "../tensorflow";
import { type GraphNode, savedModel } from "./node";
import { NotCapturable } from "./recording";

/** A graph loaded into TensorFlow, with variables of its own. */
export interface GraphSession {
  /**
   * The outputs of the nodes named `fetched`, with values for the placeholders named in `fed`; the
   * caller disposes of them.
   */
  readonly run: (fed: ReadonlyMap<string, tf.Tensor>, fetched: readonly string[]) => tf.Tensor[];
  /** Frees the graph and its variables. */
  readonly close: () => void;
}

/**
 * Loads a graph. Throws NotCapturable with TensorFlow's words if TensorFlow refuses it. The graph
 * passes through a temporary folder, which is removed.
 */
export function openSession(nodes: readonly GraphNode[]): GraphSession {
  const backend = nativeBackend();
  const id = loaded(nodes);
  return {
    run: (fed, fetched) => {
      const copies = [...fed.values()].map(owned);
      try {
        return backend.runSavedModel(
          id,
          copies,
          [...fed.keys()].map((name) => ({ name: `${name}:0` })),
          fetched.map((name) => `${name}:0`),
        );
      } finally {
        tf.dispose(copies);
      }
    },
    close: () => backend.deleteSavedModel(id),
  };
}

/**
 * A copy in TensorFlow's own memory. A tensor made from a typed array lies in JavaScript's memory,
 * which is not aligned as graph kernels require, and which a graph's threads would release outside
 * of JavaScript's thread.
 */
function owned(tensor: tf.Tensor): tf.Tensor {
  const { binding } = nativeBackend();
  const type =
    tensor.dtype === "int32" ? binding.TF_INT32 : tensor.dtype === "bool" ? binding.TF_BOOL : binding.TF_FLOAT;
  const attributes = [{ name: "T", type: binding.TF_ATTR_TYPE, value: type }];
  return nativeBackend().executeMultipleOutputs("DeepCopy", attributes, [tensor], 1)[0] as tf.Tensor;
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
