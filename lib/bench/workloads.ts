import type { Workload } from "./measurement";
import { decoding, sharpAlone } from "./workloads/decoding";
import { embedding } from "./workloads/embedding";
import { kernelStart } from "./workloads/kernel-start";
import { mapFile } from "./workloads/map-file";
import { mapping } from "./workloads/mapping";
import { curve, distanceProducts, evaluation, evaluations, nearest } from "./workloads/retrieval";
import { trainingStep } from "./workloads/training-step";
import { transformationStep } from "./workloads/transformation-step";
import { transformationTable } from "./workloads/transformation-table";

/** What our side can do, by name. A maker sets everything up and warms it up. */
export const workloads: Readonly<Record<string, (options: Readonly<Record<string, number>>) => Promise<Workload>>> = {
  curve,
  decoding,
  distanceProducts,
  embedding,
  evaluation,
  evaluations,
  kernelStart,
  mapFile,
  mapping,
  nearest,
  sharpAlone,
  trainingStep,
  transformationStep,
  transformationTable,
};
