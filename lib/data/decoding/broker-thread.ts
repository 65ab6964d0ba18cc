import { parentPort, workerData } from "node:worker_threads";
import { serve } from "./broker";

serve(workerData, parentPort);
