import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { joinScoreMemory } from "./score-memory";
import { finishShare, type Order, takePart } from "./take-part";

// A thread that takes part in one search after the other: lib/retrieval/share-out starts it. Loads no TensorFlow.

const { failures } = workerData as { readonly failures: MessagePort };

parentPort?.on("message", (order: Order) => {
  try {
    takePart(order);
  } catch (error) {
    failures.postMessage(error instanceof Error ? error.message : String(error));
    finishShare(joinScoreMemory(order.shared).integers(order.control, 3), true);
  }
});
