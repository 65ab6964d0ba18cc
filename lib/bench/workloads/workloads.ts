import { decoderStep } from "./decoder-step";
import { decoding, sharpAlone } from "./decoding";
import { embedding } from "./embedding";
import { kernelStart } from "./kernel-start";
import { mapFileWork } from "./map-file";
import { mapping } from "./mapping";
import type { Workload } from "./measurement";
import { resnetStep } from "./resnet-step";
import { curve, distanceProducts, evaluations, evaluationWork, nearest } from "./retrieval";
import { transformationStep } from "./transformation-step";
import { transformationTableWork } from "./transformation-table";

/** Our workloads by name. Each function sets one up and warms it up. */
export const workloads: Readonly<Record<string, (options: Readonly<Record<string, number>>) => Promise<Workload>>> = {
  curve,
  decoderStep,
  decoding,
  distanceProducts,
  embedding,
  evaluation: evaluationWork,
  evaluations,
  kernelStart,
  mapFile: mapFileWork,
  mapping,
  nearest,
  sharpAlone,
  resnetStep,
  transformationStep,
  transformationTable: transformationTableWork,
};
