import { parentPort, workerData } from "node:worker_threads";
import { serveBatches } from "./broker";

serveBatches(workerData, parentPort);
