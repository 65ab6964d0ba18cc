import { createHash } from "node:crypto";
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
  /** Ends the use of the graph and its variables; it cannot run any more. */
  readonly close: () => void;
}

/**
 * Loads a graph, or takes one of the same nodes that was closed before, with what its variables, of
 * `size` bytes in all, then held. Throws NotCapturable with TensorFlow's words if TensorFlow
 * refuses it. The graph passes through a temporary folder, which is removed.
 */
export function openSession(nodes: readonly GraphNode[], size: number): GraphSession {
  const backend = nativeBackend();
  const model = savedModel(nodes);
  const key = createHash("sha256").update(model).digest("hex");
  const id = taken(key) ?? loaded(model);
  // Once it is closed, another may have it.
  let open = true;
  return {
    run: (fed, fetched) => {
      if (!open) throw new Error("a graph was closed and cannot run any more: make it again");
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
    close: () => {
      if (open) keep({ key, id, size });
      open = false;
    },
  };
}

/** A closed session, kept for the next graph of the same nodes. */
interface KeptSession {
  readonly key: string;
  readonly id: number;
  readonly size: number;
}

// To load a graph takes longer than the steps of a small training, and seeds, tables and galleries
// load the same ones again.
const mostKept = 64;
const mostBytes = 64 * 2 ** 20;
let kept: readonly KeptSession[] = [];

function taken(key: string): number | null {
  const found = kept.find((session) => session.key === key);
  kept = kept.filter((session) => session !== found);
  return found?.id ?? null;
}

/** Keeps a session, and frees those that are then too large or, the oldest first, too many. */
function keep(session: KeptSession): void {
  const newestFirst = [session, ...kept];
  kept = [];
  let size = 0;
  for (const each of newestFirst) {
    const fits = kept.length < mostKept && size + each.size <= mostBytes;
    if (fits) {
      kept = [...kept, each];
      size += each.size;
    } else nativeBackend().deleteSavedModel(each.id);
  }
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

function loaded(model: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), "captured-"));
  try {
    writeFileSync(join(folder, "saved_model.pb"), model);
    return nativeBackend().loadSavedModelMetaGraph(folder, "serve");
  } catch (error) {
    throw new NotCapturable((error as Error).message, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
