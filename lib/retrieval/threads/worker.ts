import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { type Order, takePart } from "./take-part";

// A thread that takes part in one search after the other: lib/retrieval/share-out starts it. Loads no TensorFlow.

const { failures } = workerData as { readonly failures: MessagePort };

parentPort?.on("message", (order: Order) =>
  takePart(order, (error) => failures.postMessage(error instanceof Error ? error.message : String(error))),
);
