import { parentPort, workerData } from "node:worker_threads";
import { serveJobs } from "./take-part";

// The entry of a helping thread. Loads no TensorFlow, and neither may what it imports.
serveJobs(parentPort, workerData);
